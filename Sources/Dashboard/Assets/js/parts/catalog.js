// What there is to ask: Sesame's tables and views, and the datasets of one's own.

import { call } from '../api.js'

const fresh = 60_000
let known = { at: 0 }

/** The tables, views and datasets: `{ name, kind, meaning, columns: [{ name, type, meaning }] }` each. Cards share an answer, for a minute. */
export function catalog() {
  if (Date.now() - known.at > fresh) {
    const asked = { at: Date.now(), tables: call('GET', '/api/v1/catalog').then(({ tables }) => tables) }
    asked.tables.catch(() => { asked.at = 0 })
    known = asked
  }
  return known.tables
}

/** Looks anew when it is asked next, since there is a dataset more. */
export const forgetCatalog = () => { known = { at: 0 } }

/** The datasets alone. */
export const datasets = async () => (await catalog()).filter(({ kind }) => kind === 'dataset')

/** How a dataset's rows are probably told by mail: by message id, or by address. */
export function probableKey({ columns }) {
  const texts = columns.filter(({ type }) => type === 'VARCHAR')
  const message = texts.find(({ name }) => /^message_?id$/i.test(name))
  if (message) return { key: 'message', column: message.name }
  const address = texts.find(({ name }) => /e-?mail|recipient|address/i.test(name))
  return address ? { key: 'recipient', column: address.name } : null
}
