// What people saved to come back to: segments, statements, views. Each has a kind, a name and a content of the page's own.

import { call } from './api.js'

/** What is saved of a kind, by name: `{ id, kind, name, content, owner, created_at, updated_at }` each. */
export const list = async (kind, signal) => (await call('GET', `/api/v1/saved?kind=${kind}`, { signal })).saved

/** Saves `content`, an object; what has the kind and the name is replaced. */
export const save = (kind, name, content) => call('POST', '/api/v1/saved', { body: { kind, name, content } })

/** Removes what was saved. */
export const remove = (id) => call('DELETE', `/api/v1/saved/${id}`)
