// A dialog that asks for a name.

import { h } from '../dom.js'
import { openDialog } from '../frame.js'

/** Asks for a name; `done` hears it. */
export function askName(title, { value = '', hint, action = 'Save' } = {}, done) {
  const name = h('input', { name: 'name', required: true, maxlength: 200, value, autocomplete: 'off' })
  openDialog(h('form', { method: 'dialog' }, h('h2', {}, title), h('label', {}, 'Name', name), hint && h('p', { class: 'muted' }, hint),
    h('div', { class: 'dialog-buttons' }, h('button', { value: 'ok' }, action), h('button', { value: 'no', class: 'quiet', formnovalidate: true }, 'Cancel'))),
  (answer) => { if (answer === 'ok' && name.value.trim()) done(name.value.trim()) })
}
