// Tiles of metrics, and below them the one that was chosen over time.

import { h } from '../dom.js'
import { state } from '../state.js'
import { together } from './chart.js'
import { bounceLines, complaintLines, lineText } from './limits.js'
import { tile } from './tile.js'
import { timeChart, grain, buckets } from './time.js'

const limits = { bounce_rate: bounceLines, complaint_rate: complaintLines }

/**
 * Draws the tiles and the chart, and gives the chart. The choice stands in the address as `chart`.
 *
 * @param metrics the tiles; `plain` is the one that is chosen where the address says none. `course` is the answer by time, `totals` the row of the tiles' values where it is not that of the course.
 */
export function board(view, body, { metrics, plain = metrics[0], course, totals = course.totals }) {
  const chosen = metrics.includes(state.get('chart')) ? state.get('chart') : plain
  const dimension = grain()
  const rows = new Map(course.rows.map((row) => [row[dimension], row]))
  const times = buckets(course, dimension)
  const area = h('div', {})
  body.append(h('div', { class: metrics.length > 8 ? 'tiles six' : 'tiles' }, metrics.map((name) => tile({
    metric: view.metric(name), row: totals, course: times.map((time) => rows.get(time)?.[name] ?? null),
    chosen: name === chosen, onchoose: () => state.set({ chart: name === plain ? null : name }, { replace: true }),
  }))), area)
  const { name: metric, title, unit } = view.metric(chosen)
  return together('board', timeChart(area, course, {
    dimension, unit, series: [{ metric, title }], lines: (limits[metric] ?? []).slice(0, 1).map((line) => ({ ...line, title: `${line.title} ${lineText(line)}` })),
  }))
}
