// What could not be read: by source and reason, the bytes themselves, and another try.

import { h, fill } from '../dom.js'
import { state } from '../state.js'
import { call } from '../api.js'
import { whole, instant } from '../format.js'
import { csv } from '../parts/csv.js'
import { openDialog } from '../parts/dialog.js'
import { may } from '../parts/role.js'
import { number, text, table } from '../parts/table.js'
import { copyButton } from '../parts/copy.js'
import { nothing, trouble } from '../parts/card.js'

const columns = () => [
  text('reason', 'Reason'), text('source', 'Source'), text('newest', `Newest, ${state.zone}`), number('count', 'Records'), text('todo', ''),
]

/** The card of refused records. */
export function refusedCard(view, reload) {
  let rows = []
  view.card({
    title: 'Refused', hint: 'Nothing that came is lost: bytes that could not be read are kept with the reason.',
    csv: () => csv({ columns: columns(), rows }),
    load: (signal) => call('GET', '/api/v1/refused?limit=1', { signal }),
    isEmpty: ({ total }) => !total,
    empty: () => nothing('No record was refused.'),
    draw: (body, answer) => {
      rows = answer.counts
      body.append(table({ rows }, {
        columns: columns(), bar: 'count', compare: false, caption: 'Refused records by reason and source',
        drawn: { newest: (row) => instant(row.newest, state.zone), todo: (row) => buttons(row, reload) },
      }))
    },
  })
}

function buttons(row, reload) {
  const result = h('span', { class: 'muted', role: 'status' })
  const again = h('button', { class: 'quiet', onclick: () => replay(row, again, result, reload) }, 'Try again')
  return h('span', { class: 'row-buttons' },
    h('button', { class: 'quiet', onclick: () => look(row) }, 'Look'), may('admin') && again, result)
}

// Sends them through the same gate again, a page after the other.
async function replay(row, button, result, reload) {
  button.disabled = true
  fill(result, 'Reading …')
  const sum = { read: 0, events: 0, duplicates: 0, refused: 0 }
  try {
    let after
    do {
      const page = await call('POST', '/api/v1/refused/replay', { body: { source: row.source, reason: row.reason, ...(after ? { after } : {}) } })
      for (const name of Object.keys(sum)) sum[name] += page[name]
      after = page.next
    } while (after)
    fill(result, replayed(sum))
    if (sum.events || sum.duplicates) setTimeout(reload, 2_500)
  } catch (error) {
    fill(result, trouble(error))
  }
  button.disabled = false
}

const replayed = ({ events, duplicates, refused }) => [
  events && `${whole(events)} came in`, duplicates && `${whole(duplicates)} were there already`, refused && `${whole(refused)} cannot be read yet`,
].filter(Boolean).join(', ') || 'nothing to read'

function look(row) {
  const list = h('div', { class: 'refused-list' })
  const more = h('button', { class: 'quiet', hidden: true, onclick: () => load(more.dataset.after) }, 'More')
  const dialog = openDialog(h('form', { method: 'dialog' }, h('h2', {}, `Refused: ${row.reason}`),
    h('p', { class: 'muted' }, `${whole(row.count)} from ${row.source}, the newest first.`), list,
    h('div', { class: 'dialog-buttons' }, h('button', { type: 'submit' }, 'Close'), more)))
  dialog.classList.add('wide')

  async function load(after) {
    try {
      const query = new URLSearchParams({ source: row.source, reason: row.reason, limit: 20, ...(after ? { after } : {}) })
      const page = await call('GET', `/api/v1/refused?${query}`)
      list.append(...page.refused.map(record))
      more.hidden = !page.next
      if (page.next) more.dataset.after = page.next
    } catch (error) {
      list.append(trouble(error))
    }
  }
  load()
}

// A record; its bytes are fetched when they are wanted.
function record(found) {
  const body = h('div', {})
  return h('details', {
    class: 'refused-record',
    ontoggle: async (event) => {
      if (!event.target.open || body.firstChild) return
      try {
        const whole = await call('GET', `/api/v1/refused/${found.id}`)
        const text = whole.body ?? `${whole.body_base64}`
        fill(body, whole.body === undefined && h('p', { class: 'muted' }, 'The bytes are no text; this is Base64.'),
          !whole.is_whole && h('p', { class: 'muted' }, 'The beginning; the whole was longer than what is kept.'),
          h('pre', { tabindex: 0 }, text), copyButton(() => text))
      } catch (error) {
        fill(body, trouble(error))
      }
    },
  },
  h('summary', {}, `${instant(found.refused_at, state.zone)} · ${whole(found.byte_count)} bytes`, h('span', { class: 'muted' }, ` · line ${whole(found.line)} of ${found.origin}`)), body)
}
