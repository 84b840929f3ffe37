// A recipient's life: the messages to one address, how far each came, and whether SES still sends to it.

import { h, fill } from '../dom.js'
import { state } from '../state.js'
import { call } from '../api.js'
import { instant, whole, day } from '../format.js'
import { text, table } from '../parts/table.js'
import { csv } from '../parts/csv.js'
import { fateMark, fateTone, fateWords, messageLink } from '../parts/fate.js'

/** The columns of messages in tables of this page and of the search. */
export const messageColumns = [text('subject', 'Subject'), text('sent_at', 'Sent'), text('state', 'State'), text('said', 'Reply')]

/** How cells of messages are drawn. */
export const messageCells = {
  sent_at: (row) => h('span', { class: 'nowrap' }, instant(row.sent_at, state.zone, false)),
  state: (row) => fateMark(row.state),
  said: (row) => (row.said ? h('span', { class: 'mono said' }, row.said) : ''),
}

/** What was said of a mail: why it did not arrive, else the reply to its delivery. */
export const said = (row, reasons) => row.reason ?? reasons?.get(row.message_id) ?? row.smtp_response

export const page = {
  title: 'Recipient',
  draw(view) {
    const address = decodeURIComponent(location.pathname.split('/')[2])
    fill(view.root.querySelector('h1'), address)
    document.title = `${address} · Sesame`
    const path = (after) => `/api/v1/recipients?address=${encodeURIComponent(address)}&limit=50${after ? `&after=${encodeURIComponent(after)}` : ''}`
    let rows = []
    let last = null
    const take = (answer) => {
      const reasons = new Map(answer.reasons.map((one) => [one.message_id, one.reason]))
      rows.push(...answer.messages.map((row) => ({ ...row, said: said(row, reasons) })))
      return answer
    }
    view.card({
      title: 'Messages', hint: 'newest first',
      csv: () => csv({ columns: ['message_id', 'sent_at', 'subject', 'state', 'said', 'last_event_at'], rows }),
      load: async (signal) => {
        // Who has gone further down is not thrown back by new events.
        if (rows.length > 50) return last
        const answer = await call('GET', path(), { signal })
        rows = []
        return (last = take(answer))
      },
      draw: (body, answer) => {
        const lastWords = drawLead(view, answer, rows)
        if (!rows.length) return body.append(nobody(address, answer.similar ?? []))
        const draw = (next) => fill(body, lastWords, facts(answer.totals[0]),
          h('div', { class: 'mails' }, table({ rows }, { columns: messageColumns, link: (row) => messageLink(row.message_id), drawn: messageCells, shown: rows.length, caption: 'Messages' })),
          next && h('button', { class: 'quiet', onclick: async (event) => {
            event.target.disabled = true
            last.next = take(await call('GET', path(next), { signal: view.signal })).next
            draw(last.next)
          } }, `Show older (${whole(answer.totals[0].messages - rows.length)} more)`))
        draw(answer.next)
      },
    })
  },
}

function drawLead(view, { totals: [totals] }, rows) {
  const last = rows[0]
  if (!last) return view.say('No message to this address is known.')
  if (totals.suppressed_at && !(totals.last_delivered_at > totals.suppressed_at)) {
    return view.say(`SES does not send to this address: it is on ${listWords(totals.suppression)}, and a message was stopped on ${day(instant(totals.suppressed_at, state.zone))}.`, 'danger')
  }
  const bad = ['danger', 'warn'].includes(fateTone(last.state)) && last.state !== 'complained'
  const subject = last.subject ? `“${last.subject}”` : '(no subject)'
  view.say(`The last message, ${subject}, sent on ${day(instant(last.sent_at, state.zone))}: ${fateWords(last.state)}.`, fateTone(last.state))
  return bad && last.said ? reply(last.said) : null
}

/** What a server said of the mail that the page's first sentence is about. */
export const reply = (text) => h('pre', { class: 'reply', tabindex: '0', 'aria-label': 'What the server said' }, text)

const listWords = (kind) => (/^OnAccount/.test(kind) ? 'your account’s suppression list' : /^OnTenant/.test(kind) ? 'a tenant’s suppression list' : 'SES’s global suppression list')

function facts(totals) {
  const items = [
    ['Messages', totals.messages], ['Delivered', totals.delivered], ['Opened by a person', totals.opened], ['Clicked by a person', totals.clicked],
    ['Bounced', totals.bounced], ['Called spam', totals.complained], ['Unsubscribed', totals.unsubscribed],
  ]
  return h('dl', { class: 'counts' }, items.map(([title, number]) => h('div', {}, h('dt', {}, title), h('dd', {}, whole(number)))))
}

function nobody(address, similar) {
  return h('div', { class: 'empty' }, h('p', {}, 'Look whether the address is written as it was sent to. Events of a message come only from a configuration set with a destination, or from identity notifications.'),
    similar.length > 0 && [h('p', {}, 'Addresses like it:'), h('ul', {}, similar.map((one) => h('li', {}, h('a', { href: state.link(`/recipient/${encodeURIComponent(one.recipient)}`) }, one.recipient))))],
    h('p', {}, h('a', { href: state.link('/people', { q: address }) }, 'Search everywhere'), ' · ', h('a', { href: state.link('/sources') }, 'See whether events come in')))
}
