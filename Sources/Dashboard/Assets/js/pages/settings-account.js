// What everybody sees to themselves: their password, and where they are signed in.

import { h, fill } from '../dom.js'
import { Problem, call, renewProof } from '../api.js'
import { formDialog } from '../parts/dialog.js'
import { trouble } from '../parts/card.js'
import { me } from '../parts/role.js'

/** The card of one's own account. */
export const account = (view) => view.card({
  title: 'Your account', hint: me, load: async () => ({}),
  draw: (body) => {
    const problem = h('div', { role: 'alert' })
    body.append(h('p', {}, 'A browser that you left signed in somewhere is signed out by either.'), problem, h('div', { class: 'dialog-buttons' },
      h('button', { class: 'quiet', onclick: changePassword }, 'Change password'),
      h('button', {
        class: 'quiet', onclick: () => call('POST', `/api/v1/users/${encodeURIComponent(me)}/sign-out`).then(() => location.assign('/login'), (error) => fill(problem, trouble(error))),
      }, 'Sign out everywhere')))
  },
})

const field = (name, title, autocomplete, ...hint) => h('label', {}, title, h('input', { name, type: 'password', required: true, autocomplete }), hint)

const changePassword = () => formDialog({
  title: 'Change your password', button: 'Change it', content: [
    // For the browser's keeper of passwords, which has to know whose it is.
    h('input', { type: 'email', autocomplete: 'username', value: me, readonly: true, hidden: true }),
    field('current', 'Current password', 'current-password'),
    field('new', 'New password', 'new-password', h('span', { class: 'muted hint' }, 'Twelve characters or more.')),
    field('again', 'New password, once more', 'new-password')],
  send: async (data) => {
    if (data.get('new') !== data.get('again')) throw new Problem({ detail: 'the two new passwords differ', hint: 'type the same one twice' })
    renewProof((await call('POST', '/api/v1/account/password', { body: { current: data.get('current'), new: data.get('new') } })).csrf_token)
    return { title: 'Your password is changed', content: h('p', { class: 'dialog-words' }, 'Wherever else you were signed in, you are signed out.') }
  },
})
