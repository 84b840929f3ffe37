// The people who sign in: an owner adds them, says what they may do, and lets them go.

import { h, fill } from '../dom.js'
import { call } from '../api.js'
import { csv } from '../parts/csv.js'
import { me } from '../parts/role.js'
import { formDialog, openDialog, sure } from '../parts/dialog.js'
import { secret } from '../parts/copy.js'
import { moment } from '../parts/moment.js'
import { number, text, table } from '../parts/table.js'
import { trouble } from '../parts/card.js'

const roles = [
  ['viewer', 'Looks at pages; addresses are masked.'], ['analyst', 'Sees addresses too, and asks in SQL.'],
  ['admin', 'Keeps sources, tokens, retention and share links too.'], ['owner', 'Keeps the people too.'],
]
const at = (row) => `/api/v1/users/${encodeURIComponent(row.email)}`

const columns = [
  text('name', 'Person'), text('email', 'Address'), text('role', 'Role'), text('state', 'State'), text('last_seen_at', 'Last seen'),
  number('sessions', 'Sessions'), text('todo', ''),
]

/** The card of people. */
export function people(view) {
  let rows = []
  const card = view.card({
    title: 'People', hint: 'Each may do what the role before may, and more.', csv: () => csv({ columns, rows }),
    actions: () => [h('button', { onclick: () => add(again) }, 'Add somebody')],
    load: (signal) => call('GET', '/api/v1/users', { signal }),
    draw: (body, { users }) => {
      rows = users
      body.append(table({ rows }, {
        columns, compare: false, shown: 50, caption: 'People', drawn: {
          name: (row) => [row.name, row.email === me && h('span', { class: 'muted' }, ' you')],
          role: (row) => row.role, state: (row) => h('span', { class: `state ${row.state}` }, row.state),
          last_seen_at: (row) => moment(row.last_seen_at, 'never'),
          todo: (row) => h('button', { class: 'quiet', 'aria-label': `Change ${row.email}`, onclick: () => change(row, again) }, 'Change'),
        },
      }))
    },
  })
  const again = () => card.reload(view.signal)
}

// The roles, and what the chosen one may do.
function roleMenu(chosen) {
  const words = h('span', { class: 'muted hint' })
  const menu = h('select', { name: 'role', onchange: say }, roles.map(([value]) => h('option', { value, selected: value === chosen }, value)))
  function say() { fill(words, roles.find(([value]) => value === menu.value)[1]) }
  say()
  return [menu, words]
}

const handed = (made) => secret(`Password of ${made.email}`, made.password, 'It is not shown again. Hand it over in person or by phone, not by mail.')

const add = (done) => formDialog({
  title: 'Add somebody', button: 'Add them', content: [
    h('label', {}, 'E-mail address', h('input', { name: 'email', type: 'email', required: true, autocomplete: 'off' })),
    h('label', {}, 'Name', h('input', { name: 'name', autocomplete: 'off' })),
    h('label', {}, 'Role', roleMenu('viewer')),
    h('p', { class: 'muted' }, 'A password is made for them and shown once.')],
  send: async (data) => {
    const body = { email: data.get('email').trim(), role: data.get('role') }
    if (data.get('name').trim()) body.name = data.get('name').trim()
    const made = await call('POST', '/api/v1/users', { body })
    done()
    return { title: `${made.email} is added`, content: handed(made) }
  },
})

// Each button does one thing and says so; what fails, such as letting the last owner go, is told in the dialog.
function change(row, done) {
  const problem = h('div', { role: 'alert' })
  const menu = roleMenu(row.role)
  const dialog = openDialog(h('form', { onsubmit: (event) => { event.preventDefault(); save({ role: menu[0].value }) } },
    h('h2', {}, row.name), h('p', { class: 'muted' }, row.email), h('label', {}, 'Role', menu), problem,
    h('div', { class: 'dialog-buttons' }, h('button', { type: 'submit' }, 'Save the role'), h('button', { class: 'quiet', onclick: () => dialog.close('') }, 'Cancel')),
    h('div', { class: 'dialog-buttons' },
      button('Sign out everywhere', () => call('POST', `${at(row)}/sign-out`)),
      button('New password', async () => { const made = await patch({ password: null }); done(); shown(made) }, true),
      button(row.state === 'active' ? 'Keep out' : 'Let in again', () => patch({ disabled: row.state === 'active' })),
      h('button', { class: 'danger', onclick: () => { dialog.close(''); remove(row, done) } }, 'Remove'))))

  const patch = (body) => call('PATCH', at(row), { body })
  const save = (body) => run(() => patch(body))
  async function run(work, stays = false) {
    try {
      await work()
      if (stays) return
      dialog.close('')
      done()
    } catch (error) {
      fill(problem, trouble(error))
    }
  }
  function button(words, work, stays) {
    return h('button', { class: 'quiet', onclick: () => run(work, stays) }, words)
  }
  const shown = (made) => fill(dialog, h('h2', {}, row.name), handed(made),
    h('div', { class: 'dialog-buttons' }, h('button', { onclick: () => dialog.close('') }, 'Done')))
}

const remove = (row, done) => sure({
  title: `Remove ${row.email}?`, button: 'Remove them', words: 'They are signed out and cannot come back. Their share links end. What they did stays in the audit log, and what else they made stays.',
  send: async () => { await call('DELETE', at(row)); done() },
})
