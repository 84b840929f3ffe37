// Links that open one page to whoever has them: which there are, and their end.

import { h } from '../dom.js'
import { state } from '../state.js'
import { call } from '../api.js'
import { spanTitle } from '../frame.js'
import { filterWords } from '../format.js'
import { nothing } from '../parts/card.js'
import { csv } from '../parts/csv.js'
import { sure } from '../parts/dialog.js'
import { moment } from '../parts/moment.js'
import { text, table } from '../parts/table.js'

const columns = [
  text('title', 'Page'), text('what', 'What it shows'), text('made_by', 'Made by'), text('standing', 'State'),
  text('expires_at', 'Ends'), text('last_used_at', 'Last opened'), text('todo', ''),
]

/** The card of share links. */
export function shares(view) {
  let rows = []
  const card = view.card({
    title: 'Share links', hint: 'Each opens one page, read-only and with addresses masked. Make one with Share, above any page of numbers.',
    csv: () => csv({ columns, rows }),
    load: (signal) => call('GET', '/api/v1/shares', { signal }),
    isEmpty: (answer) => !answer.shares.length,
    empty: () => nothing('Nothing is shared.'),
    draw: (body, answer) => {
      rows = answer.shares.map((share) => ({ ...share, what: what(JSON.parse(share.bounds)), standing: share.reason ? `${share.state}, ${share.reason}` : share.state }))
      body.append(table({ rows }, {
        columns, compare: false, caption: 'Share links', link: (row) => row.path, drawn: {
          standing: (row) => [h('span', { class: `state ${row.state}` }, row.state), row.reason && h('span', { class: 'muted' }, `, ${row.reason}`)], expires_at: (row) => moment(row.expires_at),
          last_used_at: (row) => moment(row.last_used_at, 'never'),
          todo: (row) => ['active', 'suspended'].includes(row.state) && h('button', { class: 'quiet', 'aria-label': `End the share of ${row.title}`, onclick: () => end(row, () => card.reload(view.signal)) }, 'End'),
        },
      }))
    },
  })
}

const what = ({ date_range: range, filters }) => [typeof range === 'string' ? spanTitle(range) : range.to ? spanTitle(`${range.from}..${range.to}`) : `since ${range.from}`,
  ...(filters ?? []).map((filter) => filterWords(filter, state.zone))].join(', ')

const end = (row, done) => sure({
  title: `End the share of ${row.title}?`, button: 'End it', words: 'Whoever has the link sees nothing from then on.',
  send: async () => { await call('DELETE', `/api/v1/shares/${row.id}`); done() },
})
