// Runs statements of SQL where the query API has no words for a question, and knows the datasets there are.

import { call, Problem } from './api.js'

/** Whether the reader may: viewers see numbers, and no rows of SQL. */
export const maySQL = () => document.querySelector('meta[name=role]')?.content !== 'viewer'

/** A text in a statement. */
export const literal = (text) => `'${String(text).replaceAll("'", "''")}'`
/** A name in a statement. */
export const identifier = (name) => `"${String(name).replaceAll('"', '""')}"`

// Statements cost more than queries, so that new events alone do not run them again at once.
const fresh = 60_000
const answers = new Map()

/** A statement's rows, at most 10,000. */
export async function run(sql, signal) {
  const known = answers.get(sql)
  if (known && Date.now() - known.at < fresh) return known.rows
  const rows = await answer(sql, signal)
  answers.set(sql, { rows, at: Date.now() })
  if (answers.size > 50) answers.delete(answers.keys().next().value)
  return rows
}

async function answer(sql, signal) {
  let status = await call('POST', '/api/v1/sql', { body: { sql, timeout_seconds: 60 }, signal })
  const path = `/api/v1/sql/${status.id}`
  try {
    for (let pause = 40; ['queued', 'running'].includes(status.state); pause = Math.min(pause * 1.5, 1_000)) {
      await new Promise((done) => setTimeout(done, pause))
      status = await call('GET', path, { signal })
    }
  } catch (error) {
    // Who left does not wait for it, and nobody else should.
    if (error.name === 'AbortError') call('POST', `${path}/cancel`).catch(() => {})
    throw error
  }
  if (status.state !== 'succeeded') throw new Problem({ detail: status.error?.detail ?? `The statement ${status.state}.`, code: status.error?.code })
  return (await call('GET', `${path}/rows?limit=10000`, { signal })).rows
}

// What Sesame brings itself is no dataset.
const own = ['email_status', 'engagements', 'event_recipients', 'events', 'intake_completeness', 'journeys', 'messages', 'partitioned', 'refused', 'reputation', 'ses_events', 'ses_mail', 'source_health']

/** The datasets: `{ name, columns: [{ name, type }] }` each. */
export async function datasets(signal) {
  const rows = await run("SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE schema_name = 'main' AND NOT internal ORDER BY table_name, column_index", signal)
  return [...Map.groupBy(rows.filter((row) => !own.includes(row.table_name)), (row) => row.table_name)]
    .map(([name, columns]) => ({ name, columns: columns.map((column) => ({ name: column.column_name, type: column.data_type })) }))
}

/** How a dataset's rows are probably told by mail: by message id, or by address. */
export function probableKey({ columns }) {
  const texts = columns.filter(({ type }) => type === 'VARCHAR')
  const message = texts.find(({ name }) => /^message_?id$/i.test(name))
  if (message) return { key: 'message', column: message.name }
  const address = texts.find(({ name }) => /e-?mail|recipient|address/i.test(name))
  return address ? { key: 'recipient', column: address.name } : null
}
