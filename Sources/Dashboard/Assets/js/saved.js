// What people saved to come back to: segments, statements, views. Each has a kind, a name and a content of the page's own.

import { h } from './dom.js'
import { call } from './api.js'
import { may } from './parts/role.js'
import { trouble } from './parts/card.js'

/** What is saved of a kind, by name: `{ id, kind, name, content, owner, created_at, updated_at }` each. */
export const list = async (kind, signal) => (await call('GET', `/api/v1/saved?kind=${kind}`, { signal })).saved

/** Saves `content`, an object; what has the kind and the name is replaced. */
export const save = (kind, name, content) => call('POST', '/api/v1/saved', { body: { kind, name, content } })

/** What was saved as a list: `open(item)` makes what leads there, and `removed` is called when one was taken away by somebody who may. */
export const savedList = (items, { open, removed, style = 'segments' }) => h('ul', { class: style }, items.map((item) => {
  const line = h('li', {}, open(item), may('analyst') && h('button', { class: 'plain', 'aria-label': `Remove ${item.name}`, onclick: remove }, '×'))
  function remove() {
    call('DELETE', `/api/v1/saved/${item.id}`).then(removed, (error) => line.replaceChildren(trouble(error)))
  }
  return line
}))
