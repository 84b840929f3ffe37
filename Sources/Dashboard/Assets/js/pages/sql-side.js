// Beside the editor: what was saved, what ran before, and the tables with their columns.

import { h, fill } from '../dom.js'
import { state } from '../state.js'
import { ago, whole } from '../format.js'
import { trouble } from '../parts/card.js'
import { catalog } from '../parts/catalog.js'
import { list, savedList } from '../saved.js'
import { addDataset } from './sql-dataset.js'

const key = 'sql-history'
const most = 50

/** Statements that ran before, newest first: kept in this browser alone. */
export const past = () => { try { return JSON.parse(localStorage.getItem(key)) ?? [] } catch { return [] } }

/** Notes a statement that has run. */
export function note(entry) {
  const rest = past().filter(({ sql }) => sql !== entry.sql)
  try { localStorage.setItem(key, JSON.stringify([entry, ...rest].slice(0, most))) } catch { /* A full store keeps what it has. */ }
}

/** The side; `open(sql, name)` puts a statement into the editor, `insert(text)` a name. Gives `{ element, redraw }`. */
export function side({ open, insert, signal }) {
  const saved = h('div', {})
  const before = h('div', {})
  const tables = h('div', {}, h('p', { class: 'muted' }, 'The tables are being looked up.'))
  async function drawSaved() {
    try {
      const items = await list('sql', signal)
      fill(saved, items.length ? savedList(items, { open: savedItem, removed: drawSaved, style: 'picks' }) : h('p', { class: 'muted' }, 'Nothing yet. Save a statement, and everybody of this workspace finds it here.'))
    } catch (error) {
      if (error.name !== 'AbortError') fill(saved, trouble(error))
    }
  }
  const savedItem = ({ name, owner, updated_at: at, content }) => h('button', {
    class: 'pick', title: `Saved by ${owner.replace(/^user:/, '')}, ${ago(at)}`, onclick: () => open(content.sql, name),
  }, name)
  function drawPast() {
    if (past().length) before.parentElement?.setAttribute('open', '')
    fill(before, past().length
    ? h('ul', { class: 'picks' }, past().slice(0, 20).map(({ sql, at, rows }) => h('li', {}, h('button', { class: 'pick', title: sql, onclick: () => open(sql) },
      h('span', { class: 'pick-sql mono' }, sql.replaceAll(/\s+/g, ' ')), h('span', { class: 'muted' }, `${ago(at)}, ${whole(rows)} ${rows === 1 ? 'row' : 'rows'}`)))))
    : h('p', { class: 'muted' }, 'What you run is kept in this browser.'))
  }
  async function drawTables() {
    try {
      fill(tables, (await catalog()).map((table) => tableItem(table, insert)))
    } catch (error) {
      if (error.name !== 'AbortError') fill(tables, trouble(error))
    }
  }
  drawTables()
  drawSaved()
  drawPast()
  const part = (title, content, isOpen = true) => h('details', { class: 'side-part', open: isOpen }, h('summary', {}, title), content)
  return { element: h('div', { class: 'side' }, part('Saved', saved), part('History', before, past().length > 0), part('Tables', [tables, h('button', { class: 'quiet', onclick: () => addDataset(drawTables) }, 'Add a dataset')])), redraw: () => { drawSaved(); drawPast() } }
}

function tableItem({ name, kind, meaning, columns }, insert) {
  return h('details', { class: 'catalog-table' },
    h('summary', {}, h('code', {}, name), kind !== 'table' && h('span', { class: 'muted' }, ` ${kind}`)),
    h('p', { class: 'muted' }, meaning),
    h('ul', { class: 'picks' }, h('li', {}, h('button', { class: 'pick', onclick: () => insert(name) }, `Insert ${name}`)),
      columns.map((column) => h('li', {}, h('button', { class: 'pick', title: column.meaning || null, onclick: () => insert(column.name) },
        h('code', {}, column.name), h('span', { class: 'muted' }, ` ${column.type.toLowerCase().replace('timestamp with time zone', 'timestamptz')}`))))))
}

/** A link to a statement. */
export const linkTo = (sql) => state.link('/sql', { sql })
