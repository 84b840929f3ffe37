// A statement that runs on its own: handed in, asked after, cancelled, read a page at a time.

import { call, Problem } from '../api.js'

/** A text in a statement. */
export const literal = (text) => `'${String(text).replaceAll("'", "''")}'`
/** A name in a statement. */
export const identifier = (name) => `"${String(name).replaceAll('"', '""')}"`

/** A statement; `onchange(status)` hears how it goes until it has ended. */
export class Statement {
  constructor(sql, { onchange = () => {}, timeout = 600 } = {}) {
    Object.assign(this, { sql, onchange, timeout, rows: [], next: '0', leaving: new AbortController() })
  }

  /** Runs it; gives its last status, or throws a Problem. */
  async run() {
    const { signal } = this.leaving
    let status = await call('POST', '/api/v1/sql', { body: { sql: this.sql, timeout_seconds: this.timeout }, signal })
    this.id = status.id
    for (let pause = 60; ['queued', 'running'].includes(status.state); pause = Math.min(pause * 1.5, 1_000)) {
      this.onchange(status)
      await new Promise((resolve) => setTimeout(resolve, pause))
      status = await call('GET', `/api/v1/sql/${this.id}`, { signal })
    }
    this.status = status
    if (status.state === 'failed') throw new Problem({ ...status.error, hint: hints[status.error.code] })
    if (status.state === 'succeeded') await this.read(1_000)
    return status
  }

  /** Reads rows until there are as many, or all. */
  async read(count) {
    while (this.next !== undefined && this.rows.length < count) {
      const limit = Math.min(10_000, Math.max(1_000, count - this.rows.length))
      const answer = await call('GET', `/api/v1/sql/${this.id}/rows?limit=${limit}&after=${this.next}`, { accept: '*/*', signal: this.leaving.signal })
      const page = JSON.parse(await answer.text(), exact)
      this.rows.push(...page.rows)
      this.next = page.next
    }
    return this.rows
  }

  /** The whole result as a file of Parquet. */
  async parquet() { return (await call('GET', `/api/v1/sql/${this.id}/parquet`, { accept: '*/*' })).blob() }

  cancel() { return this.id ? call('POST', `/api/v1/sql/${this.id}/cancel`, { body: {} }) : null }

  /** Lets it be: what still runs is cancelled. */
  leave() {
    if (!this.status) this.cancel()?.catch?.(() => {})
    this.leaving.abort()
  }
}

// Statements cost more than queries, so that new events alone do not run them again at once.
const fresh = 60_000
const answers = new Map()

/** A statement's rows for a card, at most 10,000. Who leaves does not wait for it, and nobody else does. */
export async function run(sql, signal) {
  const known = answers.get(sql)
  if (known && Date.now() - known.at < fresh) return known.rows
  signal.throwIfAborted()
  const statement = new Statement(sql, { timeout: 60 })
  signal.addEventListener('abort', () => statement.leave(), { signal: statement.leaving.signal })
  try {
    const { state } = await statement.run()
    if (state !== 'succeeded') throw new Problem({ detail: `The statement was ${state}.` })
    const rows = await statement.read(10_000)
    answers.set(sql, { rows, at: Date.now() })
    if (answers.size > 50) answers.delete(answers.keys().next().value)
    return rows
  } finally {
    statement.leave()
  }
}

// A number that a double cannot hold stays as it is written.
const exact = (key, value, context) =>
  typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value) ? context?.source ?? value : value

const hints = {
  'bad-statement': 'Mend it and run it again. The tables and their columns stand beside the editor.',
  refused: 'Statements read and change nothing: SELECT, WITH, PIVOT, EXPLAIN, DESCRIBE, SHOW.',
  'query-limit': 'Ask for less: a condition on event_at or sent_at, fewer columns, LIMIT.',
}
