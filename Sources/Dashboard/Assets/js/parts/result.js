// The rows of a statement: a grid a page at a time, or a chart of the first column and a number.

import { h, fill } from '../dom.js'
import { whole } from '../format.js'
import { nothing } from './card.js'
import { menu } from './menu.js'
import { plot, colour } from './chart.js'

const pageRows = 100
const mostPoints = 500

/** Shows the result of a statement; `onshape(isChart)` hears what is seen. Gives an object with `picture()`. */
export function result(body, statement, onshape) {
  const { rows, status } = statement
  if (!rows.length) {
    fill(body, nothing('The statement ran and gave no row.'))
    return { picture: () => '' }
  }
  const columns = Object.keys(rows[0])
  const numbers = columns.filter((name) => rows.some((row) => typeof row[name] === 'number') && rows.every((row) => row[name] === null || typeof row[name] === 'number'))
  const measures = numbers.filter((name) => name !== columns[0])
  let chart = null
  let shape = 'table'
  let measure = measures[0]
  let start = 0
  const area = h('div', {})
  const controls = h('div', { class: 'result-controls' })

  async function draw() {
    const canChart = measures.length > 0 && rows.length > 1
    fill(controls,
      canChart && menu('Show as', [['table', 'Table'], ['bar', 'Bars'], ['line', 'Line']], shape, (next) => { shape = next; draw() }),
      shape !== 'table' && menu('Number', measures.map((name) => [name, name]), measure, (next) => { measure = next; draw() }),
      shape === 'table' && status.rows > pageRows && pager())
    onshape(shape !== 'table')
    if (shape === 'table') fill(area, grid(columns, numbers, rows.slice(start, start + pageRows), start))
    else chart = draft(fill(area), rows, columns[0], measure, shape)
  }
  const pager = () => [
    h('button', { class: 'quiet', disabled: start === 0, onclick: () => turn(-pageRows) }, 'Back'),
    h('span', { class: 'muted' }, `${whole(start + 1)} to ${whole(Math.min(start + pageRows, status.rows))} of ${whole(status.rows)}`),
    h('button', { class: 'quiet', disabled: start + pageRows >= status.rows, onclick: () => turn(pageRows) }, 'Next'),
  ]
  async function turn(by) {
    start += by
    await statement.read(start + pageRows)
    draw()
  }
  fill(body, controls, area)
  draw()
  return { picture: () => (shape === 'table' ? '' : chart?.picture() ?? '') }
}

function grid(columns, numbers, rows, start) {
  return h('div', { class: 'table-frame grid-frame', tabindex: '0', role: 'region', 'aria-label': 'Result' }, h('table', { class: 'matrix grid' },
    h('thead', {}, h('tr', {}, h('th', { scope: 'col', class: 'number' }, '#'), columns.map((name) => h('th', { scope: 'col', class: numbers.includes(name) ? 'number' : '' }, name)))),
    h('tbody', {}, rows.map((row, index) => h('tr', {}, h('td', { class: 'number faint' }, whole(start + index + 1)),
      columns.map((name) => h('td', { class: numbers.includes(name) ? 'number' : '' }, cell(row[name]))))))))
}

// What a statement gives is shown as it is: no number is rounded.
function cell(value) {
  if (value === null) return h('span', { class: 'faint' }, 'NULL')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function draft(area, rows, label, measure, shape) {
  const shown = rows.slice(0, mostPoints)
  if (rows.length > mostPoints) area.append(h('p', { class: 'muted' }, `The first ${whole(mostPoints)} rows are drawn.`))
  return plot(area, (theme) => ({
    grid: { top: 24 },
    xAxis: { type: 'category', data: shown.map((row) => text(row[label])), axisLabel: { width: 160, overflow: 'truncate' } },
    // A statement's numbers may be below nothing.
    yAxis: { name: measure, nameTextStyle: { color: theme.muted, align: 'left' }, min: undefined },
    tooltip: { trigger: 'axis', formatter: ([point]) => `${point.name}\n${measure}  ${shown[point.dataIndex][measure]}` },
    series: [{ type: shape, data: shown.map((row) => row[measure]), symbol: 'none', barMaxWidth: 28, itemStyle: { color: colour('accent') }, lineStyle: { color: colour('accent'), width: 2 } }],
  }), { label: `${measure} by ${label}`, height: 320 })
}

const text = (value) => (value === null ? 'NULL' : typeof value === 'object' ? JSON.stringify(value) : String(value))
