// A ranked table: an inline bar behind the first column, sorted by any column, walked by keyboard; its first column leads on.

import { h, fill, framed } from '../dom.js'
import { state } from '../state.js'
import { value, label, change, whole } from '../format.js'
import { explained } from './words.js'
import { tone } from './tile.js'
import { colourOf } from './chart.js'

/**
 * A table of an answer's rows.
 *
 * @param columns `{ name, title, unit, type, kind, metric, share }` each; `share` shows the part of the total in front.
 * @param options `bar`: the metric whose size the bars have; `link(row)`: where the first column leads; `shown`: rows before "show all";
 *   `compare`: whether changes are shown; `drawn[name](row)`: a cell's own content; `before(row)`: what stands in front of the first one's.
 *   `memory`: an object of the page's, in which order, search and "show all" outlive a new answer.
 */
export function table(answer, { columns, bar, link, shown = 10, compare = true, caption, totals = false, drawn = {}, before, memory = {} }) {
  let { order = null, isWhole = false, search = '' } = memory
  // A row is a card on a phone, and ten of them are a long way.
  const few = matchMedia('(max-width: 599px)').matches ? Math.min(shown, 5) : shown
  const widest = bar ? Math.max(...answer.rows.map((row) => row[bar] ?? 0), 0) : 0
  const body = h('tbody')
  const head = h('tr', {}, columns.map((column, index) => headCell(column, index)))
  const more = h('div', { class: 'table-more' })
  const element = framed(caption ?? 'Table',
    // Three columns fit a phone as they are; more become cards there.
    h('table', { class: columns.length <= 3 ? 'ranked slim' : 'ranked' }, caption && h('caption', { class: 'visually-hidden' }, caption), h('thead', {}, head), body,
      totals && h('tfoot', {}, h('tr', {}, columns.map((column, index) => cell(column, answer.totals, index, true))))),
    more)

  function headCell(column, index) {
    const sort = h('button', {
      class: 'sort', ...explained(column.metric), onclick: () => {
        order = order?.name === column.name ? { name: column.name, down: !order.down } : { name: column.name, down: isNumber(column) }
        draw()
      },
    }, column.title)
    column.head = h('th', { scope: 'col', class: isNumber(column) ? 'number' : '', 'data-index': index }, column.title ? sort : h('span', { class: 'visually-hidden' }, 'What can be done'))
    return column.head
  }

  function cell(column, row, index, isTotal = false) {
    const own = drawn[column.name]
    const content = own && !isTotal ? own(row) : null
    if (column.kind !== 'dimension') {
      const small = row.sample_too_small?.includes(column.name)
      const moved = compare ? change(row[column.name], row[`compare:${column.name}`], column.unit) : null
      return h('td', { class: small ? 'number faint' : 'number', 'data-title': column.title, title: small ? 'A small sample: one mail more moves it far.' : null },
        h('span', {}, content ?? value(row[column.name], column.unit), small && '*',
          moved && moved.by !== 0 && h('span', { class: `delta ${tone(moved.by, column.metric?.good_direction)}` }, moved.text)))
    }
    if (isTotal) return h('td', {}, index === 0 ? 'Total' : '')
    const text = content ?? label(column.name, row[column.name], state.zone)
    const href = index === 0 ? link?.(row) : null
    return h('td', { 'data-title': column.title },
      index === 0 && bar && barOf(row[bar], widest, bar),
      index === 0 && before?.(row),
      href ? h('a', { href, class: 'row-link' }, text) : h('span', {}, text))
  }

  function draw() {
    Object.assign(memory, { order, isWhole, search })
    let rows = answer.rows
    if (search) rows = rows.filter((row) => columns.some((column) => String(row[column.name] ?? '').toLowerCase().includes(search)))
    if (order) rows = [...rows].sort((one, other) => (order.down ? -1 : 1) * compareValues(one[order.name], other[order.name]))
    for (const column of columns) {
      column.head.setAttribute('aria-sort', order?.name === column.name ? (order.down ? 'descending' : 'ascending') : 'none')
    }
    const visible = isWhole ? rows : rows.slice(0, few)
    fill(body, visible.map((row) => h('tr', {}, columns.map((column, index) => cell(column, row, index)))))
    if (answer.rows.length <= few) return
    if (!more.firstChild) fill(more, searchField(), toggle())
    more.lastChild.textContent = isWhole ? 'Show fewer' : `Show all ${whole(answer.rows.length)}${answer.row_count > answer.rows.length ? ` of ${whole(answer.row_count)}` : ''}`
    more.firstChild.hidden = !isWhole
  }

  const toggle = () => h('button', { class: 'quiet', onclick: () => { isWhole = !isWhole; search = ''; draw() } })
  const searchField = () => h('input', {
    type: 'search', placeholder: 'Search these rows', 'aria-label': 'Search these rows', hidden: true, value: search,
    oninput: (event) => { search = event.target.value.trim().toLowerCase(); draw() },
  })

  draw()
  return element
}

const isNumber = (column) => column.kind !== 'dimension'

function compareValues(one, other) {
  if (one === other) return 0
  if (one === null || one === undefined) return -1
  if (other === null || other === undefined) return 1
  return one < other ? -1 : 1
}

const barOf = (size, widest, name) =>
  h('span', { class: 'bar', 'aria-hidden': 'true', style: { width: `${widest ? Math.max(0, (100 * (size ?? 0)) / widest) : 0}%`, background: colourOf(name) } })

/** A column of words. */
export const text = (name, title) => ({ name, title, kind: 'dimension' })
/** A column of numbers. */
export const number = (name, title, unit = 'count', metric) => ({ name, title, kind: 'metric', unit, metric })

/** The columns of an answer with the dictionary's words; comparisons are shown within. */
export function columnsOf(answer, words) {
  return answer.columns.filter((column) => column.kind !== 'comparison')
    .map((column) => ({ ...column, metric: words.metrics.get(column.name) }))
}

/** A link that filters the page by a row's value of a dimension; times are no filters. */
export const filtering = (dimension) => (row) => state.linkWith(dimension, row[dimension])
