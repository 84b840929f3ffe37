// The answer in words: whether the rates are safe, and how long they will be at this pace.

import { percent } from '../format.js'
import { endsNow } from '../parts/time.js'
import { bounceLines, complaintLines, lineText, standing } from '../parts/limits.js'

/** What a tired person must know. Both ways of counting are looked at, and the worse one decides; `of` is the metric of what makes it bad. */
export function verdict(row, bounce, complaint) {
  if (!row.eligible_sends && row.representative_volume === 0) return { text: 'No mail was sent in this period.', tone: '' }
  const found = [judged('Bounce rate', bounce, bounceLines), judged('Complaint rate', complaint, complaintLines)]
  const worst = found.toSorted((one, other) => rank[other.state] - rank[one.state])[0]
  if (rank[worst.state] === 0) {
    const rising = found.filter((one) => one.trend?.days)
    if (rising.length) return { text: `You are safe today. At this pace the ${rising.map(reaching).join(', and the ')}.`, tone: 'warn' }
    const rates = found.map((one) => `${one.name} ${shown(one.rate)}`).join(', ')
    return { text: endsNow() ? `You are safe. ${rates}. Nothing needs you today.` : `You were safe. ${rates}.`, tone: 'ok' }
  }
  const other = found.find((one) => one !== worst)
  const rest = rank[other.state] > 0 ? ` ${sentence(other)}` : ''
  return { text: `${sentence(worst)}${rest}`, tone: worst.state === 'danger' ? 'danger' : 'warn', of: worst.name === 'Bounce rate' ? 'counted_bounces' : 'counted_complaints' }
}

const reaching = ({ name, trend }) => `${name.toLowerCase()} reaches AWS's ${trend.line} line in ${inDays(trend.days)}`
const inDays = (days) => `${days} ${days === 1 ? 'day' : 'days'}`

const rank = { ok: 0, near: 1, warn: 2, danger: 3 }
const shown = (rate) => (rate === null ? '–' : percent(rate))

function judged(name, { rate, volume, trend }, lines) {
  const worse = Math.max(rate ?? 0, volume ?? 0)
  return { name, rate: rate === null && volume === null ? null : worse, state: standing(worse, lines), lines, trend }
}

function sentence({ name, rate, state, lines, trend }) {
  const words = {
    near: `close to AWS's ${lineText(lines[0])} line`,
    warn: `over AWS's ${lineText(lines[0])} line, where accounts are put under review`,
    danger: `over AWS's ${lineText(lines[1])} line, where sending may be paused`,
  }[state]
  return `${name} ${percent(rate)} is ${words}${trend ? `, ${trend.text}` : ''}.`
}

/**
 * How a rate moves, from its course by day: in words, and if it reaches the next line soon, which `line` in how many `days`.
 *
 * A straight line through the days, by least squares; what moves less than a fiftieth of the first line in a week is steady.
 */
export function trend(rows, name, lines) {
  const points = rows.map((row) => row[name]).map((value, index) => [index, value]).filter(([, value]) => value !== null)
  if (points.length < 5) return null
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [x, y] = [mean(points.map(([at]) => at)), mean(points.map(([, value]) => value))]
  const slope = points.reduce((sum, [at, value]) => sum + (at - x) * (value - y), 0) / points.reduce((sum, [at]) => sum + (at - x) ** 2, 0)
  const now = points.at(-1)[1]
  if (Math.abs(slope) * 7 < lines[0].at / 50) return { text: 'steady' }
  if (slope < 0) return { text: 'falling' }
  const next = lines.find((line) => line.at > now)
  if (!next) return { text: 'rising' }
  const days = Math.ceil((next.at - now) / slope)
  return days > 90 ? { text: 'rising slowly' } : { text: `at this pace: ${next.title} in ${inDays(days)}`, line: next.title, days }
}
