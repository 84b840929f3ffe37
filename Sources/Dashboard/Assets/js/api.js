// Talks to the API. A question that was answered is not asked again until something new has come in.

import { state } from './state.js'

const csrf = () => document.querySelector('meta[name=csrf]')?.content ?? ''
const answers = new Map()

/** What went wrong, as the server says it: RFC 9457. */
export class Problem extends Error {
  constructor({ detail, hint, code, status }) {
    super(detail)
    Object.assign(this, { hint, code, status })
  }
}

/** The session has another token from now on, with which requests and the form that signs out prove themselves. */
export function renewProof(token) {
  for (const place of document.querySelectorAll('[name=csrf]')) place['content' in place ? 'content' : 'value'] = token
}

/** Sends a request, whose body is JSON or a file; the answer's JSON, or a Problem. */
export async function call(method, path, { body, signal, accept = 'application/json' } = {}) {
  let response
  try {
    response = await fetch(path, {
      method, signal, credentials: 'same-origin',
      headers: { accept, 'x-csrf-token': csrf(), ...(body === undefined || body instanceof Blob ? {} : { 'content-type': 'application/json' }) },
      body: body === undefined || body instanceof Blob ? body : JSON.stringify(body),
    })
  } catch (error) {
    if (error.name === 'AbortError') throw error
    throw new Problem({ detail: 'Sesame does not answer.', hint: 'It may be starting anew; the page asks again when it is back.', code: 'offline' })
  }
  if (response.status === 401) {
    location.assign(`/login?then=${encodeURIComponent(location.pathname + location.search)}`)
    throw new DOMException('signed out', 'AbortError')
  }
  if (!response.ok) {
    const problem = await response.json().catch(() => ({ detail: `The server answered ${response.status}.` }))
    throw new Problem({ ...problem, status: response.status })
  }
  return accept === 'application/json' ? response.json() : response
}

/** The query with the page's period, zone, comparison and filters in it. */
export function question(query) {
  const { compare = true, filters = [], ...rest } = query
  return {
    date_range: dateRange(state.period), time_zone: state.zone,
    ...(compare && state.compare !== 'off' && state.period !== 'all' ? { compare: state.compare } : {}),
    filters: [...state.filters.map(asCondition), ...filters],
    ...rest,
  }
}

// An address has texts alone; the API wants flags and numbers as such.
const asCondition = ({ field, op, values }) => ({ field, op, values: values.map((value) => typed(types.get(field), value)) })

function typed(type, value) {
  if (value === null) return null
  if (type === 'flag') return value === 'true'
  return type === 'integer' && value.trim() !== '' ? Number(value) : value
}

/** `2026-08-01..2026-08-31` or a named range, as the API wants it. */
export function dateRange(period) {
  const [from, to] = period.split('..')
  return to ? { from, to } : period
}

/** Answers a query; see docs/api.md. Cards that ask the same share one answer. */
export async function ask(query, signal) {
  const whole = question(query)
  const key = JSON.stringify(whole)
  if (!answers.has(key)) {
    answers.set(key, call('POST', '/api/v1/query', { body: whole, signal }))
    if (answers.size > 200) answers.delete(answers.keys().next().value)
  }
  const asked = answers.get(key)
  try {
    return await asked
  } catch (error) {
    if (answers.get(key) === asked) answers.delete(key)
    throw error
  }
}

/** The same as a file of CSV. */
export async function askCSV(query) {
  return (await call('POST', '/api/v1/query', { body: question(query), accept: 'text/csv' })).text()
}

/** Forgets what was answered, since there is something new. */
export const forget = () => answers.clear()

let types = new Map()
let dictionary
/** Metrics and dimensions by name. */
export function words() {
  dictionary ??= Promise.all([call('GET', '/api/v1/metrics'), call('GET', '/api/v1/dimensions')]).then(
    ([{ metrics }, { dimensions }]) => {
      types = new Map(dimensions.map((dimension) => [dimension.name, dimension.type]))
      return {
        metrics: new Map(metrics.map((metric) => [metric.name, metric])),
        dimensions: new Map(dimensions.map((dimension) => [dimension.name, dimension])),
      }
    },
    (error) => {
      dictionary = undefined
      throw error
    })
  return dictionary
}
