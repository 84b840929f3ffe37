// Who may do what, what programs may do, how long data is kept, what is shared, and who did what.

import { h } from '../dom.js'
import { state } from '../state.js'
import { call } from '../api.js'
import { whole, instant } from '../format.js'
import { nothing } from '../parts/card.js'
import { csv } from '../parts/csv.js'
import { may } from '../parts/role.js'
import { formDialog, sure } from '../parts/dialog.js'
import { secret } from '../parts/copy.js'
import { moment } from '../parts/moment.js'
import { text, table } from '../parts/table.js'
import { account } from './settings-account.js'
import { people } from './settings-people.js'
import { retention } from './settings-retention.js'
import { shares } from './settings-shares.js'

export const page = {
  title: 'Settings',
  draw(view) {
    view.say(may('admin') ? 'Each change is in the audit log below, with who made it.' : 'An administrator keeps the settings. Here you can change your password and end your own sessions.')
    account(view)
    if (may('owner')) people(view)
    if (!may('admin')) return
    tokens(view)
    shares(view)
    retention(view)
    audit(view)
  },
}

function tokens(view) {
  let rows = []
  const columns = [
    text('name', 'Token'), text('scopes', 'May'), text('state', 'State'), text('created_at', 'Made'), text('expires_at', 'Ends'),
    text('last_used_at', 'Last used'), text('todo', ''),
  ]
  const card = view.card({
    title: 'Tokens', hint: 'Programs open the API with them.', csv: () => csv({ columns, rows }),
    actions: () => [h('button', { onclick: () => addToken(() => card.reload(view.signal)) }, 'New token')],
    load: (signal) => call('GET', '/api/v1/tokens', { signal }),
    isEmpty: (answer) => !answer.tokens.length,
    empty: () => nothing('No token yet. A program that reads numbers needs one of the scope read; one that sends events, ingest.'),
    draw: (body, answer) => {
      rows = answer.tokens.map((token) => ({ ...token, scopes: token.scopes.join(', ') }))
      body.append(table({ rows }, {
        columns, compare: false, caption: 'Tokens', drawn: {
          state: (row) => h('span', { class: `state ${row.state}` }, row.state), created_at: (row) => moment(row.created_at),
          expires_at: (row) => moment(row.expires_at, 'never'), last_used_at: (row) => moment(row.last_used_at, 'never'),
          todo: (row) => row.state === 'active' && h('button', { class: 'quiet', 'aria-label': `Revoke ${row.name}`, onclick: () => revoke(row, () => card.reload(view.signal)) }, 'Revoke'),
        },
      }))
    },
  })
}

const scopes = [['read', 'Read: ask for numbers, in SQL too'], ['ingest', 'Ingest: send events'], ['admin', 'Admin: manage sources, tokens and settings']]

const addToken = (done) => formDialog({
  title: 'New token', button: 'Make it', content: [
    h('label', {}, 'What it is for', h('input', { name: 'name', required: true, maxlength: 200, autocomplete: 'off', placeholder: 'grafana' })),
    h('fieldset', {}, h('legend', {}, 'What it may'), scopes.map(([value, words], index) =>
      h('label', { class: 'check' }, h('input', { type: 'checkbox', name: 'scope', value, checked: index === 0 }), ' ', words))),
    h('label', {}, 'Days after which it ends', h('input', { name: 'days', type: 'number', min: 1, max: 36_500, value: 90 }), h('span', { class: 'muted hint' }, 'Empty: never.'))],
  send: async (data) => {
    const body = { name: data.get('name').trim(), scopes: data.getAll('scope') }
    if (data.get('days')) body.expires_days = Number(data.get('days'))
    const made = await call('POST', '/api/v1/tokens', { body })
    done()
    return { title: 'New token', content: secret(made.name, made.token) }
  },
})

const revoke = (row, done) => sure({
  title: `Revoke ${row.name}?`, words: 'Programs that use it are turned away at once, for good.', button: 'Revoke it',
  send: async () => { await call('DELETE', `/api/v1/tokens/${row.id}`); done() },
})

function audit(view) {
  const columns = [
    text('at', `When, ${state.zone}`), text('actor', 'Who'), text('action', 'What'), text('object', 'On what'), text('details', 'Details'),
  ]
  let rows = []
  view.card({
    title: 'Audit log', hint: 'Kept for good; nobody can change it.', csv: () => csv({ columns, rows }),
    load: (signal) => call('GET', '/api/v1/audit?limit=100', { signal }),
    isEmpty: ({ entries }) => !entries.length,
    draw: (body, first) => {
      rows = []
      const place = h('div', {})
      const more = h('button', { class: 'quiet', onclick: async () => draw(await call('GET', `/api/v1/audit?limit=100&before=${more.dataset.before}`)) }, 'Show older')
      const draw = ({ entries, next }) => {
        rows.push(...entries.map((entry) => ({ ...entry, details: Object.entries(entry.details).map(([name, value]) => `${name}: ${value}`).join(', ') })))
        place.replaceChildren(table({ rows }, {
          columns, compare: false, shown: rows.length > 100 ? rows.length : 15, caption: 'Audit log', drawn: { at: (row) => h('span', { class: 'nowrap' }, instant(row.at, state.zone)), details: (row) => h('span', { class: 'said' }, row.details) },
        }))
        more.hidden = !next
        more.dataset.before = next ?? ''
        more.textContent = `Show older than the newest ${whole(rows.length)}`
      }
      draw(first)
      body.append(place, h('div', { class: 'table-more' }, more))
    },
  })
}
