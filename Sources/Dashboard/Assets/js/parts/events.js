// The events behind a number: newest first, as the period and the filters say, a page at a time.

import { h, fill, framed } from '../dom.js'
import { state } from '../state.js'
import { call, question } from '../api.js'
import { instant } from '../format.js'
import { colourOf } from './chart.js'
import { csv } from './csv.js'
import { choice } from './menu.js'
import { messageLink, recipientName } from './fate.js'

// A row is a card on a phone, and fifty of them are a long way.
const size = matchMedia('(max-width: 599px)').matches ? 20 : 50
const types = ['Send', 'Delivery', 'Open', 'Click', 'Bounce', 'Complaint', 'DeliveryDelay', 'Reject', 'Rendering Failure', 'Subscription']
const columns = ['event_at', 'event_type', 'recipient', 'subject', 'says', 'is_machine', 'machine_rule', 'message_id', 'configuration_set', 'isp', 'sender']

/** A card of events; `metric` of the address chooses those that a metric counts, `type` one kind. */
export function eventList(view) {
  let rows = []
  let last = {}
  const metric = () => (view.words.metrics.has(state.get('metric')) ? state.get('metric') : null)
  const query = () => question({
    metrics: [metric() ?? 'events'], compare: false, limit: size,
    filters: state.get('type') ? [{ field: 'event_type', op: 'is', values: [state.get('type')] }] : [],
  })
  const ask = (after, signal) => call('POST', `/api/v1/events${after ? `?after=${after}` : ''}`, { signal, body: query() })
  view.card({
    title: 'Events', hint: 'newest first', csv: () => csv({ columns, rows }),
    actions: () => [
      metric() && h('button', { class: 'plain', onclick: () => state.set({ metric: null }) }, `Counted as ${view.metric(metric()).title.toLowerCase()} ×`),
      choice('Event type', 'type', [['', 'All types'], ...types.map((type) => [type, type])]),
    ],
    load: async (signal) => {
      const key = JSON.stringify(query())
      // Who has gone further down is not thrown back by new events.
      if (key === last.key && rows.length > size) return last.answer
      const answer = await ask(null, signal)
      rows = answer.events
      last = { key, answer }
      return answer
    },
    isEmpty: (answer) => !answer.events.length,
    empty: () => h('div', { class: 'empty' }, h('p', {}, 'No such event in this period.'),
      h('p', {}, h('a', { href: state.link('/people', { period: 'all', filters: [] }) }, 'Show all there is'), ' · ', h('a', { href: state.link('/sources') }, 'See whether events come in'))),
    draw: (body, answer) => {
      const draw = (next) => fill(body, list(rows), next && h('button', {
        class: 'quiet', onclick: async (event) => {
          event.target.disabled = true
          const more = await ask(next, view.signal)
          rows.push(...more.events)
          last.answer.next = more.next
          draw(more.next)
        },
      }, 'Show older'))
      draw(answer.next)
    },
  })
}

function list(rows) {
  const head = ['Time', 'Event', 'Recipient', 'Subject', 'What it says'].map((title) => h('th', { scope: 'col' }, title))
  return framed('Table', h('table', { class: 'events' },
    h('caption', { class: 'visually-hidden' }, 'Events'), h('thead', {}, h('tr', {}, head)),
    h('tbody', {}, rows.map((row) => h('tr', {},
      h('td', {}, h('a', { href: messageLink(row.message_id), class: 'row-link' }, instant(row.event_at, state.zone))),
      h('td', { 'data-title': 'Event' }, h('span', {}, h('span', { class: 'type-dot', 'aria-hidden': 'true', style: { background: colourOf(row.event_type) } }), row.event_type,
        row.is_machine && h('span', { class: 'tag-mark' }, 'machine'))),
      h('td', { 'data-title': 'Recipient' }, row.recipient ? recipientName(row.recipient) : h('span', { class: 'muted' }, '(nobody known)')),
      h('td', { 'data-title': 'Subject' }, h('span', {}, row.subject ?? '')),
      h('td', { 'data-title': 'What it says' }, h('span', { class: 'said', title: row.says }, row.says ?? '')))))))
}
