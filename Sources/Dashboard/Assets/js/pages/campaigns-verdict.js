// Which campaign hurts, and how each stands beside the others.

import { h } from '../dom.js'
import { percent, value, whole } from '../format.js'
import { bounceLines, complaintLines, lineText, standing } from '../parts/limits.js'

const kinds = [
  { count: 'counted_bounces', rate: 'bounce_rate', words: 'bounces', title: 'bounce rate', lines: bounceLines },
  { count: 'counted_complaints', rate: 'complaint_rate', words: 'complaints', title: 'complaint rate', lines: complaintLines },
]

/**
 * The campaigns with more bounces or complaints that count than their share of the mail, the worst first.
 *
 * What is over is weighed by AWS's line for it, so that bounces and complaints can be told against each other. What chance does as easily is left out:
 * fewer than three, or within two standard deviations of the share.
 */
export function harmful(rows, totals) {
  return kinds.flatMap((kind) => rows.map((row) => {
    const share = totals.eligible_sends ? row.eligible_sends / totals.eligible_sends : 0
    const expected = share * totals[kind.count]
    return { ...kind, row, share, expected, part: totals[kind.count] ? row[kind.count] / totals[kind.count] : 0, weight: (row[kind.count] - expected) / kind.lines[0].at }
  })).filter(({ row, count, expected }) => row[count] >= 3 && row[count] > expected + 2 * Math.sqrt(expected))
    .toSorted((one, other) => other.weight - one.weight)
}

/** The first sentence: which campaign hurts. `named(row)` is what stands for it. */
export function harmSentence(rows, totals, named) {
  const sampled = rows.filter((row) => !row.sample_too_small.includes('bounce_rate') && row.bounce_rate !== null)
  const [worst, ...rest] = harmful(rows, totals)
  if (!worst) {
    const sorted = sampled.map((row) => row.bounce_rate).toSorted((one, other) => one - other)
    const range = sorted.length > 1 ? ` Bounce rates lie between ${percent(sorted[0])} and ${percent(sorted.at(-1))}.` : ''
    return { words: [`No campaign hurts you more than its share of the mail would.${range}`], tone: 'ok' }
  }
  const also = rest.find((one) => one.row === worst.row)
  const state = standing(worst.row[worst.rate], worst.lines)
  const over = { warn: `, over AWS's ${lineText(worst.lines[0])} line`, danger: `, over AWS's ${lineText(worst.lines[1])} line` }[state] ?? ''
  return {
    tone: state === 'danger' ? 'danger' : state === 'warn' ? 'warn' : '',
    words: [
      named(worst.row), ` hurts most: with ${percent(worst.share)} of the mail it drew ${drawn(worst, totals)}`,
      also ? ` and ${drawn(also, totals)}` : '', `. Its ${worst.title} is ${percent(worst.row[worst.rate])}${over}.`,
    ],
  }
}

const drawn = ({ row, count, words, part }, totals) => `${percent(part)} of the ${words} that count (${whole(row[count])} of ${whole(totals[count])})`

/** The median of each rate over the campaigns whose sample is no small one; `count` says of how many. */
export function medians(rows, names) {
  return new Map(names.map((name) => {
    const sorted = rows.filter((row) => row[name] !== null && !row.sample_too_small.includes(name)).map((row) => row[name]).toSorted((one, other) => one - other)
    const middle = sorted.length >> 1
    return [name, { count: sorted.length, at: !sorted.length ? null : sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2 }]
  }))
}

/**
 * Where a rate stands beside the median: above, below or at it, and whether that is good.
 *
 * `isClear` says that it is further off than two standard deviations of a sample of that size, so that it is hardly chance.
 */
export function beside(rate, { count, at }, metric, size) {
  if (rate === null || rate === undefined || at === null || count < 3 || rate === at) return null
  const isAbove = rate > at
  const isClear = Math.abs(rate - at) > 2 * Math.sqrt(Math.max(at * (1 - at), rate * (1 - rate)) / size)
  return {
    isAbove, isClear, isBetter: isAbove === (metric.good_direction === 'up'),
    words: `${isAbove ? 'Above' : 'Below'} the median of ${count} campaigns, ${value(at, metric.unit)}${isClear ? '' : '; no more than chance would do'}`,
  }
}

/** How many a rate is a part of. */
export const sampleOf = (row, rate) => row[bases[rate] ?? 'deliveries']
const bases = { delivery_rate: 'sends', bounce_rate: 'eligible_sends', complaint_rate: 'eligible_sends', click_to_open_rate: 'unique_human_opens' }

/** The mark of that behind a number. */
export function mark(found) {
  if (!found) return h('span', { class: 'mark' })
  const tone = !found.isClear ? 'faint' : found.isBetter ? 'better' : 'worse'
  return h('span', { class: `mark ${tone}`, title: found.words },
    h('span', { 'aria-hidden': 'true' }, found.isAbove ? '▲' : '▼'), h('span', { class: 'visually-hidden' }, ` ${found.words}`))
}
