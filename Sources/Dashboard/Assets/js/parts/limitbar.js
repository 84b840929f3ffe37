// A rate beside the lines that it must not cross: from 0 past the last of them, with the rate of the period and that of the representative volume.

import { h } from '../dom.js'
import { percent } from '../format.js'

/** AWS's lines for bounces: review and pause. */
export const bounceLines = [{ at: 0.05, title: 'review', tone: 'warn' }, { at: 0.1, title: 'pause', tone: 'danger' }]
/** AWS's lines for complaints. */
export const complaintLines = [{ at: 0.001, title: 'review', tone: 'warn' }, { at: 0.005, title: 'pause', tone: 'danger' }]

/**
 * A limit bar.
 *
 * @param rate the period's rate, `volume` that of the representative volume; null where there is no mail.
 * @param lines `{ at, title, tone }` in rising order.
 */
export function limitBar({ title, rate, volume, lines, words }) {
  const end = Math.max(lines.at(-1).at * 1.1, rate ?? 0, volume ?? 0)
  const place = (number) => `${Math.min(100, (number / end) * 100)}%`
  const state = standing(rate, lines)
  const description = `${title}: ${rate === null ? 'no mail' : percent(rate)}; ` + lines.map((line) => `${line.title} at ${percent(line.at)}`).join(', ')
  return h('div', { class: `limit ${state}` },
    h('div', { class: 'limit-title' }, title, h('strong', {}, rate === null ? '–' : percent(rate))),
    h('div', { class: 'limit-track', role: 'img', 'aria-label': description },
      h('div', { class: 'limit-fill', style: { width: place(rate ?? 0) } }),
      lines.map((line, index) => h('div', { class: `limit-line ${line.tone ?? ''} ${index % 2 ? 'low' : ''}`, style: { left: place(line.at) } },
        h('span', {}, `${line.title} ${percent(line.at)}`))),
      volume !== null && h('div', { class: 'limit-mark hollow', style: { left: place(volume) }, title: `Representative volume: ${percent(volume)}` }),
      rate !== null && h('div', { class: 'limit-mark', style: { left: place(rate) }, title: `This period: ${percent(rate)}` })),
    h('p', { class: 'muted' }, words))
}

/** Where a rate stands: `ok`, or the tone of the highest line it has crossed, or `near` within a fifth of the first. */
export function standing(rate, lines) {
  if (rate === null) return 'ok'
  const crossed = lines.filter((line) => rate >= line.at).at(-1)
  if (crossed) return crossed.tone ?? 'warn'
  return rate >= lines[0].at * 0.8 ? 'near' : 'ok'
}
