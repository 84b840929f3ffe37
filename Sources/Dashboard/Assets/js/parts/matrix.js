// A matrix of numbers, shaded by their size in one hue. The arrows walk it, and each cell leads on.

import { h, framed } from '../dom.js'

/**
 * A matrix.
 *
 * @param rows, columns `{ title, href }` each; `cell(row, column)` gives `{ text, depth, href, title, isSmall }`, where `depth` of 0 to 1 is how
 *   dark it is, and null leaves it plain. `hue` is the custom property of the colour. `isDense` keeps cells narrow.
 */
export function matrix({ rows, columns, cell, hue = 'accent', corner = '', caption, isDense = false }) {
  const table = h('table', { class: isDense ? 'matrix dense' : 'matrix', role: 'grid', 'aria-label': caption },
    h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, corner), columns.map((column) => h('th', { scope: 'col', class: 'number', title: column.hint }, column.title)))),
    h('tbody', {}, rows.map((row) => h('tr', {},
      h('th', { scope: 'row' }, row.href ? h('a', { href: row.href, class: 'row-link' }, row.title) : row.title),
      columns.map((column) => drawn(cell(row, column)))))))
  table.style.setProperty('--hue', `var(--${hue})`)
  walked(table)
  return framed(caption ?? 'Table', table)
}

function drawn({ text, depth = null, href, title, isSmall = false }) {
  const content = isSmall ? `${text}*` : text
  const cell = h('td', { class: isSmall ? 'number faint' : 'number', role: 'gridcell' },
    href ? h('a', { href, title, tabindex: '-1' }, content) : h('span', { title }, content))
  if (depth !== null) cell.style.setProperty('--depth', `${Math.round(depth * 55)}%`)
  return cell
}

// One stop of the tab key for all cells; arrows, Home and End go from one to the other.
function walked(table) {
  const links = () => [...table.querySelectorAll('tbody a[tabindex]')]
  const first = links()[0]
  if (first) first.tabIndex = 0
  table.addEventListener('keydown', (event) => {
    const from = event.target.closest('td')
    if (!from) return
    const lines = [...table.tBodies[0].rows]
    const [line, place] = [lines.indexOf(from.parentNode), from.cellIndex]
    const next = {
      ArrowLeft: () => [line, place - 1], ArrowRight: () => [line, place + 1], ArrowUp: () => [line - 1, place],
      ArrowDown: () => [line + 1, place], Home: () => [line, 1], End: () => [line, from.parentNode.cells.length - 1],
    }[event.key]?.()
    const link = next && lines[next[0]]?.cells[next[1]]?.querySelector('a[tabindex]')
    if (!next) return
    event.preventDefault()
    if (!link) return
    for (const other of links()) other.tabIndex = -1
    link.tabIndex = 0
    link.focus()
  })
}
