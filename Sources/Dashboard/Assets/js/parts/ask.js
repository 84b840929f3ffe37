// Dialogs that ask for a name: of what is saved, or of a message tag or header.

import { h } from '../dom.js'
import { formDialog } from './dialog.js'

/** Asks for a name. `send(name)` takes it as `formDialog` takes fields; `cancelled` hears that there is none. */
export const askName = ({ title, label = 'Name', value = '', placeholder, hint, button = 'Save', send, cancelled }) => formDialog({
  title, button, cancelled,
  content: [
    h('label', {}, label, h('input', { name: 'name', required: true, pattern: '.*\\S.*', maxlength: 200, autocomplete: 'off', value, placeholder })),
    hint && h('p', { class: 'muted' }, hint)],
  send: (data) => send(data.get('name').trim()),
})

/** Asks for the name of a message tag or header; `kind` is what stands before it in a dimension, `tag:` or `header:`. */
export function askTag(kind, done, cancelled) {
  const isTag = kind === 'tag:'
  askName({
    title: isTag ? 'A message tag' : 'A header', label: 'Its name', button: 'Show', placeholder: isTag ? 'team' : 'X-Campaign', cancelled,
    hint: isTag ? 'As it was given to SES with EmailTags, or in X-SES-MESSAGE-TAGS.' : 'In any case of letters. SES sends headers with its events unless told otherwise.',
    send: (name) => () => done(kind + name),
  })
}

const kinds = { tag: 'Tag', header: 'Header', link_tag: 'Link tag' }

/** What a dimension by a name of the sender's is called: "Tag team"; null for others. */
export function namedTitle(dimension) {
  const [kind, ...name] = dimension.split(':')
  return name.length && kinds[kind] ? `${kinds[kind]} ${name.join(':')}` : null
}
