// SQL over the lake: an editor that knows the tables, a statement that can be cancelled, its rows as grid, chart and file.

import { h, fill, download, announce } from '../dom.js'
import { state } from '../state.js'
import { length, whole } from '../format.js'
import { nothing, trouble } from '../parts/card.js'
import { csv } from '../parts/csv.js'
import { sqlEditor } from '../parts/editor.js'
import { Statement } from '../parts/statement.js'
import { result } from '../parts/result.js'
import { askName } from '../parts/ask.js'
import { catalog } from '../parts/catalog.js'
import { copyButton } from '../parts/copy.js'
import { may } from '../parts/role.js'
import { save } from '../saved.js'
import { linkTo, note, side } from './sql-side.js'

const first = `SELECT event_type, count(*) AS events, max(event_at) AS newest
FROM events
GROUP BY ALL
ORDER BY events DESC`

export const page = {
  title: 'SQL',
  draw(view) {
    if (!may('analyst')) return view.say('Your role, viewer, may look at pages and not ask in SQL. An owner can change it under Settings.')
    view.say('Ask anything of the events, in DuckDB’s SQL. Statements read and change nothing.')
    const desk = new Desk(view)
    view.desk = desk
    view.signal.addEventListener('abort', () => desk.statement?.leave())
    const row = view.row()
    row.append(h('section', { class: 'card wide' }, desk.editor.element, desk.tools, desk.progress, desk.output),
      h('aside', { class: 'card narrow', 'aria-label': 'Saved, history and tables' }, desk.side.element))
  },
  // Back and forth brings the statement of the address.
  changed(view) {
    const wanted = state.get('sql')
    if (wanted !== null && view.desk && view.desk.editor.text() !== wanted) view.desk.editor.set(wanted)
  },
}

// The editor, what runs, and what came of it.
class Desk {
  constructor(view) {
    this.view = view
    this.editor = sqlEditor(state.get('sql') ?? first, { tables: catalog, onrun: () => this.run(), label: 'Statement' })
    this.runButton = h('button', { onclick: () => this.run(), title: 'Ctrl+Enter' }, 'Run')
    this.cancelButton = h('button', { class: 'quiet', hidden: true, onclick: () => this.statement?.cancel() }, 'Cancel')
    this.tools = h('div', { class: 'tools' }, this.runButton, this.cancelButton,
      h('button', { class: 'quiet', onclick: () => this.save() }, 'Save'),
      copyButton(() => new URL(linkTo(this.editor.text()), location.href).href, { title: 'Copy link' }),
      h('span', { class: 'muted' }, h('kbd', {}, 'Ctrl'), ' ', h('kbd', {}, 'Enter'), ' runs'))
    this.progress = h('div', { class: 'progress', role: 'status', hidden: true })
    this.output = h('div', { class: 'output' })
    this.side = side({ signal: view.signal, open: (sql, name) => this.open(sql, name), insert: (text) => this.editor.insert(text) })
  }

  open(sql, name = '') {
    this.name = name
    this.editor.set(sql)
    this.editor.focus()
    state.set({ sql }, { replace: true })
  }

  async run() {
    const sql = this.editor.text().trim()
    if (!sql) return this.editor.focus()
    this.statement?.leave()
    const statement = (this.statement = new Statement(sql, { onchange: (status) => this.show(status) }))
    state.set({ sql: sql === first ? null : sql }, { replace: true })
    this.busy(true)
    this.show({ state: 'queued', milliseconds: 0 })
    try {
      const status = await statement.run()
      if (this.statement !== statement) return
      if (status.state === 'cancelled') fill(this.output, nothing('Cancelled.'))
      else this.finish(statement)
    } catch (error) {
      if (error.name !== 'AbortError' && this.statement === statement) fill(this.output, trouble(error))
    }
    if (this.statement === statement) this.busy(false)
  }

  busy(isBusy) {
    this.runButton.disabled = isBusy
    this.cancelButton.hidden = this.progress.hidden = !isBusy
    this.output.classList.toggle('old', isBusy)
  }

  show({ state: stage, progress_percent: percent, milliseconds }) {
    fill(this.progress, h('progress', { max: 100, value: percent > 0 ? percent : null, 'aria-label': 'Progress' }),
      h('span', { class: 'muted' }, stage === 'queued' ? 'Waiting for its turn' : `Running, ${length(milliseconds)}`))
  }

  finish(statement) {
    const { rows, submitted_at: began, ended_at: ended } = statement.status
    const milliseconds = Math.max(1, Date.parse(ended) - Date.parse(began))
    note({ sql: statement.sql, at: new Date().toISOString(), rows })
    this.side.redraw()
    announce(`${rows} rows`)
    const body = h('div', {})
    const png = h('button', {
      class: 'plain', title: 'Save the chart as PNG', hidden: true, onclick: () => h('a', { href: shown.picture(), download: 'sesame-sql.png' }).click(),
    }, 'PNG')
    const shown = result(body, statement, (isChart) => { png.hidden = !isChart })
    fill(this.output,
      h('div', { class: 'card-head' }, h('h2', {}, `${whole(rows)} ${rows === 1 ? 'row' : 'rows'}`), h('p', { class: 'muted' }, `in ${length(milliseconds)}`),
        rows > 0 && h('div', { class: 'card-actions' },
          this.exporter('CSV', async () => download('sesame-sql.csv', csv({ columns: Object.keys(statement.rows[0]), rows: await statement.read(Infinity) }), 'text/csv')),
          this.exporter('Parquet', async () => download('sesame-sql.parquet', await statement.parquet())), png)),
      body)
  }

  exporter(name, act) {
    return h('button', { class: 'plain', title: `Save the whole result as ${name}`, onclick: async (event) => {
      event.target.disabled = true
      try { await act() } catch (error) { this.output.prepend(trouble(error)) }
      event.target.disabled = false
    } }, name)
  }

  save() {
    askName({
      title: 'Save the statement', value: this.name, hint: 'Everybody of this workspace finds it. A name that there is already gets this statement.',
      send: async (name) => {
        await save('sql', name, { sql: this.editor.text() })
        this.name = name
        this.side.redraw()
        announce('Saved')
      },
    })
  }
}
