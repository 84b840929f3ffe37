// A number with its name, how it has changed, and its course.

import { h } from '../dom.js'
import { value, change } from '../format.js'
import { colourOf } from './chart.js'
import { explained } from './words.js'

/**
 * A tile: `metric` of the dictionary, `row` the totals, `course` its values over time. `chosen` and `onchoose` make it choose a chart.
 */
export function tile({ metric, row, course = [], chosen = false, onchoose, href, compared = 'the time before' }) {
  const now = row[metric.name]
  const small = row.sample_too_small?.includes(metric.name)
  const moved = change(now, row[`compare:${metric.name}`], metric.unit)
  const content = [
    h('span', { class: 'tile-label' }, metric.title, small && h('span', { class: 'small-sample' }, ' small sample')),
    h('span', { class: small ? 'tile-value faint' : 'tile-value' }, value(now, metric.unit)),
    moved ? h('span', { class: `tile-change ${tone(moved.by, metric.good_direction)}` }, moved.text, h('span', { class: 'visually-hidden' }, ` than ${compared}`))
      // Beside tiles that have one, its line stays free.
      : Object.keys(row).some((name) => name.startsWith('compare:')) && h('span', { class: 'tile-change' }, '\u00a0'),
    sparkline(course, colourOf(metric.name)),
  ]
  const shared = { class: chosen ? 'tile chosen' : 'tile', ...explained(metric) }
  if (href) return h('a', { ...shared, href }, content)
  return h('button', { ...shared, 'aria-pressed': String(chosen), onclick: onchoose }, content)
}

/** Whether a change is good, bad or neither. */
export function tone(by, direction) {
  if (!by || direction === 'neutral' || !direction) return ''
  return (by > 0) === (direction === 'up') ? 'better' : 'worse'
}

/** A course without axes. */
export function sparkline(values, shade, { width = 120, height = 28 } = {}) {
  const points = values.map((item, index) => [index, item]).filter(([, item]) => item !== null && item !== undefined)
  if (points.length < 2) return h('svg:svg', { class: 'sparkline', viewBox: `0 0 ${width} ${height}`, 'aria-hidden': 'true' })
  const top = Math.max(...points.map(([, item]) => item)) || 1
  const across = (index) => ((index / (values.length - 1)) * width).toFixed(1)
  const down = (item) => (height - 2 - (item / top) * (height - 4)).toFixed(1)
  return h('svg:svg', { class: 'sparkline', viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    h('svg:polyline', { points: points.map(([index, item]) => `${across(index)},${down(item)}`).join(' '), fill: 'none', stroke: shade, 'stroke-width': '1.5', 'vector-effect': 'non-scaling-stroke' }))
}
