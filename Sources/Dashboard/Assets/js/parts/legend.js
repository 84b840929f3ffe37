// The names of a chart's colours; where they can be told from the events, they are filters.

import { h } from '../dom.js'

/** A legend of `{ title, hue, isHatched, href, value }`: `hue` is a colour, and `value` what stands behind the name. */
export function legend(items) {
  return h('ul', { class: 'legend' }, items.map(({ title, hue, isHatched, href, value }) => h('li', {},
    h('span', { class: isHatched ? 'swatch hatched' : 'swatch', 'aria-hidden': 'true', style: { '--hue': hue } }),
    href ? h('a', { href }, title) : title, value && h('span', { class: 'muted' }, ` ${value}`))))
}

/** A colour as ECharts hatches it: machines are not people. */
export function hatched(shade) {
  const image = h('canvas', { width: 8, height: 8 })
  const pen = image.getContext('2d')
  pen.strokeStyle = shade
  pen.lineWidth = 2.5
  for (const at of [-8, 0, 8]) {
    pen.moveTo(at, 8)
    pen.lineTo(at + 8, 0)
  }
  pen.stroke()
  return { image, repeat: 'repeat' }
}
