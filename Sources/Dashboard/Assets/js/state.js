// What the page shows is in its address: period, comparison, filters and each page's own choices. A link shows the same.

/** Periods with a key and a name; what the API calls a date range. */
export const periods = [
  { range: '24h', title: 'Last 24 hours' },
  { range: 'today', title: 'Today', key: 'd' },
  { range: '7d', title: 'Last 7 days', key: 'w' },
  { range: '30d', title: 'Last 30 days', key: 'm' },
  { range: '90d', title: 'Last 90 days' },
  { range: '1y', title: 'Last year', key: 'y' },
  { range: 'this_month', title: 'This month' },
  { range: 'last_month', title: 'Last month' },
  { range: 'all', title: 'All time' },
]

export const comparisons = [
  { value: 'previous', title: 'the time before' },
  { value: 'weekday', title: 'the same weekdays' },
  { value: 'year', title: 'a year before' },
  { value: 'off', title: 'nothing' },
]

const own = new Set(['period', 'compare', 'tz', 'f'])
const listeners = new Set()
let parameters = new URLSearchParams(location.search)

/** Calls back whenever the state has changed. */
export function onChange(listener) {
  listeners.add(listener)
}

export const state = {
  get period() { return parameters.get('period') ?? '30d' },
  get compare() { return parameters.get('compare') ?? 'previous' },
  get zone() { return parameters.get('tz') ?? Intl.DateTimeFormat().resolvedOptions().timeZone ?? 'UTC' },
  get filters() { return parameters.getAll('f').map(parsed).filter(Boolean) },
  /** A choice of the page's own. */
  get: (name) => parameters.get(name),

  /** Changes parameters; null takes one away. One entry of the browser's history, or none. */
  set(changes, { replace = false } = {}) {
    const next = new URLSearchParams(parameters)
    for (const [name, value] of Object.entries(changes)) {
      next.delete(name)
      for (const text of Array.isArray(value) ? value : value === null ? [] : [value]) next.append(name, text)
    }
    if (next.toString() === parameters.toString()) return
    go(`${location.pathname}${query(next)}`, { replace })
  },

  /** Adds a filter; another value of the same field and operator joins it. */
  addFilter(field, op, values) {
    const filters = this.filters
    const same = filters.find((filter) => filter.field === field && filter.op === op)
    if (same) same.values = [...new Set([...same.values, ...values])]
    else filters.push({ field, op, values })
    this.setFilters(filters)
  },

  setFilters(filters) { this.set({ f: filters.map(text) }) },

  /** The address of another page with the same period, comparison and filters. */
  link(path, { filters, ...extra } = {}) {
    const next = new URLSearchParams()
    for (const [name, value] of parameters) if (own.has(name)) next.append(name, value)
    if (filters) {
      next.delete('f')
      for (const filter of filters) next.append('f', text(filter))
    }
    for (const [name, value] of Object.entries(extra)) if (value !== null) next.set(name, value)
    return `${path}${query(next)}`
  },

  /** The address of this page with one more filter; `choices` of the page's own may change with it. */
  linkWith(field, value, choices) { return this.linkWithAll([[field, value]], choices) },

  /** The same with a filter for each pair of a field and its value. What is filtered by already is not filtered by again. */
  linkWithAll(pairs, choices = {}) {
    const filters = this.filters
    for (const [field, value] of pairs) {
      const isThere = filters.some((one) => one.field === field && one.op === 'is' && one.values.length === 1 && String(one.values[0]) === String(value))
      if (!isThere) filters.push({ field, op: 'is', values: [value] })
    }
    return this.link(location.pathname, { ...this.ownChoices(), ...choices, filters })
  },

  ownChoices() { return Object.fromEntries([...parameters].filter(([name]) => !own.has(name))) },
}

/** Goes to an address of these pages without loading anew. */
export function go(address, { replace = false } = {}) {
  history[replace ? 'replaceState' : 'pushState'](null, '', address)
  moved()
}

function moved() {
  parameters = new URLSearchParams(location.search)
  for (const listener of listeners) listener()
}
addEventListener('popstate', moved)

const query = (search) => (search.size ? `?${search}` : '')

// A filter in an address: field~operator~value~value, each escaped. An empty value stands for none.
const escape = (part) => encodeURIComponent(part).replaceAll('~', '%7E')
const text = ({ field, op, values }) => [field, op, ...values.map((value) => value ?? '')].map((part) => escape(String(part))).join('~')

function parsed(item) {
  try {
    const [field, op, ...values] = item.split('~').map(decodeURIComponent)
    return values.length ? { field, op, values: values.map((value) => (value === '' ? null : value)) } : null
  } catch {
    return null
  }
}
