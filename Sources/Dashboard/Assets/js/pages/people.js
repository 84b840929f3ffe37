// People & messages: what a search found, or the newest events of the period and its filters.

import { h } from '../dom.js'
import { state } from '../state.js'
import { call } from '../api.js'
import { whole, ago } from '../format.js'
import { number, text, table } from '../parts/table.js'
import { eventList } from '../parts/events.js'
import { fateMark, fateTone, fateWords, messageLink, recipientLink } from '../parts/fate.js'
import { moment } from '../parts/moment.js'
import { messageCells, messageColumns, reply, said } from './recipient.js'

export const page = {
  title: 'People & messages',
  draw(view) {
    document.getElementById('search').value = state.get('q') ?? ''
    if (state.get('q')) search(view)
    else browse(view)
  },
  // Another search is another page.
  changed(view) {
    if ((state.get('q') ?? '') === view.searched) return
    view.cards = []
    view.open()
  },
}

function browse(view) {
  view.searched = ''
  view.say('Search an address or a part of it, a message id, a subject, a link, or what a mail server replied. Press / to begin.')
  eventList(view)
}

// MARK: - Search

function search(view) {
  const q = (view.searched = state.get('q'))
  // A search looks through everything, so that new events alone do not make it look again at once.
  let asked = null
  const load = (signal) => {
    if (asked && Date.now() - asked.at < 30_000) return asked.answer
    const answer = call('GET', `/api/v1/search?q=${encodeURIComponent(q)}`, { signal })
    asked = { answer, at: Date.now() }
    answer.catch(() => { asked = null })
    return answer
  }
  view.card({
    quiet: true, width: 'full bare', load,
    draw: (body, answer) => {
      view.say(...answerOf(q, answer))
      const one = answer.people.length === 1
      const found = kinds.filter(({ name }) => answer[name].length)
      const [person] = answer.people
      if (one && isBad(person) && person.said) body.append(reply(person.said))
      if (one) body.append(h('p', {}, h('a', { href: lifeOf(person) }, 'All messages to this address, counts and suppression')))
      // Of one person the messages say all that the list of people would.
      body.append(...found.filter(({ name }) => !one || name !== 'people').map((kind) => group(kind, answer)))
      if (!found.length) body.append(nothingFound(answer))
      if (answer.incomplete.length) body.append(h('p', { class: 'muted' }, 'Links and replies were left out: looking through them took too long. Search a longer text.'))
    },
  })
}

const time = (name) => (row) => moment(row[name], '')
const eventsWith = (field) => (row) => state.link('/people', { period: 'all', filters: [{ field, op: 'is', values: [row[field]] }] })
// Replies are shown without the numbers and addresses that are different in each; so a pattern finds them.
const eventsLike = ({ reply, event_type: type }) => state.link('/people', {
  period: 'all', type, filters: [reply.includes('…')
    ? { field: 'diagnostic', op: 'matches', values: [`(?s)^${reply.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&').replaceAll('…', '.+')}$`] }
    : { field: 'diagnostic', op: 'is', values: [reply] }],
})

// Who typed a whole address knows it, though it is hidden in the answer.
const lifeOf = ({ recipient }) => recipientLink(recipient) ?? state.link(`/recipient/${encodeURIComponent(state.get('q').trim().toLowerCase())}`)

const kinds = [
  {
    name: 'people', title: 'People', columns: [text('recipient', 'Address'), text('state', 'Last message'), text('said', 'Reply'), text('last_at', 'Sent'), number('messages', 'Messages')],
    link: (row) => lifeOf(row),
    drawn: { state: (row) => fateMark(row.state), said: messageCells.said, last_at: time('last_at') },
  },
  { name: 'messages', title: 'Messages', columns: messageColumns, link: (row) => messageLink(row.message_id), drawn: messageCells },
  { name: 'subjects', title: 'Subjects', columns: [text('subject', 'Subject'), text('last_at', 'Last sent'), number('messages', 'Messages')], link: eventsWith('subject'), drawn: { last_at: time('last_at') }, bar: 'messages' },
  { name: 'links', title: 'Links', columns: [text('link', 'Link'), text('last_at', 'Last click'), number('events', 'Clicks')], link: eventsWith('link'), drawn: { last_at: time('last_at') }, bar: 'events' },
  {
    name: 'replies', title: 'Replies of mail servers', columns: [text('reply', 'Reply'), text('event_type', 'Event'), text('last_at', 'Last'), number('events', 'Events')],
    link: eventsLike, drawn: { last_at: time('last_at'), reply: (row) => h('span', { class: 'mono', title: row.example }, row.reply) }, bar: 'events',
  },
]

function group({ name, title, columns, link, drawn, bar }, answer) {
  const rows = answer[name].map((row) => ({ ...row, said: row.said || said(row) }))
  const all = rows[0].found
  const days = ['links', 'replies'].includes(name) ? `of the last ${answer.event_days} days` : ''
  const shown = all > rows.length ? `the first ${whole(rows.length)} of ${whole(all)}` : ''
  return h('section', { class: 'card full' },
    h('div', { class: 'card-head' }, h('h2', {}, title), h('p', { class: 'muted' }, [shown, days].filter(Boolean).join(', '))),
    h('div', { class: 'mails' }, table({ rows }, { columns, link, drawn, bar, caption: title, compare: false })))
}

const isBad = ({ state: reached }) => ['danger', 'warn'].includes(fateTone(reached)) && reached !== 'complained'

function answerOf(q, { people, messages, subjects, links, replies }) {
  if (people.length === 1) {
    const [{ recipient, messages: number, state: reached, last_at: last }] = people
    return [`${recipient}: ${whole(number)} ${number === 1 ? 'message' : 'messages'}. Of the last, sent ${ago(last)}: ${fateWords(reached)}.`, fateTone(reached)]
  }
  const parts = [[people, 'address', 'addresses'], [messages, 'message', 'messages'], [subjects, 'subject', 'subjects'], [links, 'link', 'links'], [replies, 'reply', 'replies']]
    .filter(([list]) => list.length).map(([list, one, many]) => `${whole(list[0].found)} ${list[0].found === 1 ? one : many}`)
  return parts.length ? [`“${q}” is in ${parts.join(', ')}.`] : [`Nothing has “${q}” in it.`]
}

function nothingFound({ event_days: days }) {
  return h('div', { class: 'empty' },
    h('p', {}, 'Looked for among the addresses, ids and subjects of all messages, and among links and replies ', `of the last ${days} days.`),
    h('p', {}, 'A part is enough: ', h('code', {}, 'smith@'), ', ', h('code', {}, '@example.com'), ', ', h('code', {}, 'mailbox full'), '. Upper and lower case are the same.'),
    h('p', {}, h('a', { href: state.link('/sources') }, 'See whether events come in')))
}
