// Dialogs: a form whose answer or failure is shown where it was asked, and a question before what cannot be undone.

import { h, fill } from '../dom.js'
import { trouble } from './card.js'

/** Opens a dialog around what it holds; `done` gets the value of the button that closed it. */
export function openDialog(content, done = () => {}) {
  const dialog = h('dialog', {}, content)
  document.body.append(dialog)
  dialog.addEventListener('close', () => { done(dialog.returnValue); dialog.remove() })
  dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close('') })
  dialog.showModal()
  return dialog
}

/**
 * A dialog with a form. `send(fields)` gets the form's data. What it returns, `{ title, content }`, takes the form's place; a function is called when the
 * dialog has closed, so that what it changes finds the focus where it was; nothing just closes it.
 * A failure is shown above the buttons, and what was typed stays. `cancelled` hears that it was closed otherwise.
 */
export function formDialog({ title, content, button, danger = false, wide = false, send, cancelled = () => {} }) {
  const problem = h('div', { role: 'alert' })
  const submit = h('button', { type: 'submit', class: danger ? 'danger' : null }, button)
  const form = h('form', { onsubmit: go }, h('h2', {}, title), content, problem,
    h('div', { class: 'dialog-buttons' }, submit, h('button', { class: 'quiet', onclick: () => dialog.close('') }, 'Cancel')))
  let after = cancelled
  const dialog = openDialog(form, () => after())
  dialog.classList.toggle('wide', wide)

  async function go(event) {
    event.preventDefault()
    submit.disabled = true
    fill(problem)
    try {
      const next = await send(new FormData(form))
      after = typeof next === 'function' ? next : () => {}
      if (next?.content) show(dialog, next.title, next.content)
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
  const close = h('button', { onclick: () => dialog.close('done') }, 'Done')
  fill(dialog, h('h2', {}, title), content, h('div', { class: 'dialog-buttons' }, close))
  close.focus()
}

/** Asks before something that cannot be undone. */
export const sure = ({ title, words, button, send }) =>
  formDialog({ title, content: h('p', { class: 'dialog-words' }, words), button, danger: true, send: async () => { await send() } })
