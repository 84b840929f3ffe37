// Dialogs that do something: a form whose answer or failure is shown where it was asked, and a question before what cannot be undone.

import { h, fill } from '../dom.js'
import { openDialog } from '../frame.js'
import { trouble } from './card.js'

/**
 * A dialog with a form. `send(fields)` gets the form's data; what it returns, `{ title, content }`, takes the form's place, and nothing
 * closes the dialog.
 * A failure is shown above the buttons, and what was typed stays.
 */
export function formDialog({ title, content, button, danger = false, wide = false, send }) {
  const problem = h('div', { role: 'alert' })
  const submit = h('button', { class: danger ? 'danger' : null }, button)
  const form = h('form', { onsubmit: go }, h('h2', {}, title), content, problem,
    h('div', { class: 'dialog-buttons' }, submit, h('button', { type: 'button', class: 'quiet', onclick: () => dialog.close('') }, 'Cancel')))
  const dialog = openDialog(form)
  dialog.classList.toggle('wide', wide)

  async function go(event) {
    event.preventDefault()
    submit.disabled = true
    fill(problem)
    try {
      const shown = await send(new FormData(form))
      if (shown) show(dialog, shown.title, shown.content)
      else dialog.close('done')
    } catch (error) {
      fill(problem, trouble(error))
      submit.disabled = false
    }
  }
  return dialog
}

/** Puts something in a dialog, with a button that closes it. */
export function show(dialog, title, content) {
  const close = h('button', { type: 'button', onclick: () => dialog.close('done') }, 'Done')
  fill(dialog, h('h2', {}, title), content, h('div', { class: 'dialog-buttons' }, close))
  close.focus()
}

/** Asks before something that cannot be undone. */
export const sure = ({ title, words, button, send }) =>
  formDialog({ title, content: h('p', { class: 'dialog-words' }, words), button, danger: true, send: async () => { await send() } })
