// Short questions in a dialog, where a menu has no answer ready.

import { h } from '../dom.js'
import { openDialog } from '../frame.js'

/** Asks with some fields; `done` or `cancelled` hears how it ended. */
export function askFields(title, fields, done, cancelled = () => {}) {
  openDialog(h('form', { method: 'dialog' }, h('h2', {}, title), fields,
    h('div', { class: 'dialog-buttons' }, h('button', { value: 'ok' }, 'Show'), h('button', { value: 'no', class: 'quiet', formnovalidate: true }, 'Cancel'))),
  (answer) => (answer === 'ok' ? done() : cancelled()))
}

/** Asks for the name of a message tag or header; `kind` is what stands before it in a dimension, `tag:` or `header:`. */
export function askName(kind, done, cancelled) {
  const isTag = kind === 'tag:'
  const field = h('input', { name: 'name', required: true, autocomplete: 'off', placeholder: isTag ? 'team' : 'X-Campaign' })
  askFields(isTag ? 'A message tag' : 'A header', [
    h('label', {}, 'Its name', field),
    h('p', { class: 'muted' }, isTag ? 'As it was given to SES with EmailTags, or in X-SES-MESSAGE-TAGS.' : 'In any case of letters. SES sends headers with its events unless told otherwise.'),
  ], () => (field.value.trim() ? done(kind + field.value.trim()) : cancelled()), cancelled)
}

const kinds = { tag: 'Tag', header: 'Header', link_tag: 'Link tag' }

/** What a dimension by a name of the sender's is called: "Tag team"; null for others. */
export function namedTitle(dimension) {
  const [kind, ...name] = dimension.split(':')
  return name.length && kinds[kind] ? `${kinds[kind]} ${name.join(':')}` : null
}
