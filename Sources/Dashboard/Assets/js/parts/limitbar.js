// A rate beside the lines that it must not cross: from 0 past the last of them, with the rate of the period and that of the representative volume.

import { h } from '../dom.js'
import { percent } from '../format.js'
import { lineText, standing } from './limits.js'

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
  const description = `${title}: ${rate === null ? 'no mail' : percent(rate)}; ` + lines.map((line) => `${line.title} at ${lineText(line)}`).join(', ')
  return h('div', { class: `limit ${state}` },
    h('div', { class: 'limit-title' }, title, h('strong', {}, rate === null ? '–' : percent(rate))),
    h('div', { class: 'limit-track', role: 'img', 'aria-label': description },
      h('div', { class: 'limit-fill', style: { width: place(rate ?? 0) } }),
      lines.map((line) => h('div', { class: `limit-line ${line.tone ?? ''} ${line.at < end / 3 ? 'start' : ''}`, style: { left: place(line.at) } },
        h('span', {}, `${line.title} ${lineText(line)}`))),
      volume !== null && h('div', { class: 'limit-mark hollow', style: { left: place(volume) }, title: `Representative volume: ${percent(volume)}` }),
      rate !== null && h('div', { class: 'limit-mark', style: { left: place(rate) }, title: `This period: ${percent(rate)}` })),
    h('p', { class: 'muted' }, words))
}
