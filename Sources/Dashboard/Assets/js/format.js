// Numbers, times and lengths as people read them. Nothing is rounded that somebody may add up.

const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
export const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

/** A whole number with its groups of three. */
export const whole = (value) => grouped.format(value)

/** A part of one as per cent: two digits that count below 1 %, else one behind the point. */
export function percent(value) {
  const per = value * 100
  if (per === 0 || per === 100) return `${per} %`
  const size = Math.abs(per)
  return `${size < 0.1 ? per.toFixed(3) : size < 10 ? per.toFixed(2) : per.toFixed(1)} %`
}

/** Milliseconds in the two units that say most. */
export function length(ms) {
  const seconds = ms / 1000
  if (seconds < 0.0995) return `${Math.round(ms)} ms`
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`
  const units = [['d', 86_400], ['h', 3_600], ['min', 60], ['s', 1]]
  const at = units.findIndex(([, size]) => seconds >= size)
  const [name, size] = units[at]
  const rest = Math.floor((seconds % size) / (units[at + 1]?.[1] ?? 1))
  const first = `${Math.floor(seconds / size)} ${name}`
  return rest && units[at + 1] ? `${first} ${rest} ${units[at + 1][0]}` : first
}

/** A metric's value by its unit; a dash where there is none, as for a rate of nothing. */
export function value(number, unit) {
  if (number === null || number === undefined) return '–'
  switch (unit) {
    case 'ratio': return percent(number)
    case 'milliseconds': return length(number)
    case 'average': return number.toFixed(2)
    default: return whole(number)
  }
}

/** How a value has changed: rates in points, all else in per cent of what it was, and in times from tenfold on. */
export function change(now, before, unit) {
  if (now === null || before === null || now === undefined || before === undefined) return null
  if (unit === 'ratio') {
    const moved = (now - before) * 100
    const points = Math.abs(moved) < 0.005 ? 0 : moved
    return { by: points, text: `${sign(points)}${Math.abs(points).toFixed(2)} points` }
  }
  if (before === 0) return now === 0 ? { by: 0, text: 'unchanged' } : { by: now, text: 'was none' }
  if (now >= before * 10) return { by: now - before, text: `× ${grouped.format(now / before)}` }
  const per = ((now - before) / before) * 100
  return { by: per, text: `${sign(per)}${Math.abs(per).toFixed(1)} %` }
}

/** A text with a capital at its beginning. */
export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1)

const sign = (number) => (number > 0 ? '+' : number < 0 ? '−' : '±')

/** Seconds since an instant, as "3 s ago". */
export function ago(iso, now = Date.now()) {
  const ms = now - Date.parse(iso)
  return ms < 1_000 ? 'just now' : `${length(Math.max(0, ms)).split(' ').slice(0, 2).join(' ')} ago`
}

/** A day such as 2026-08-01 as "1 Aug 2026", or "1 Aug". */
export function day(text, withYear = true) {
  const [year, month, date] = text.slice(0, 10).split('-')
  return `${Number(date)} ${months[month - 1]}${withYear ? ` ${year}` : ''}`
}

/** An instant in a time zone: "2026-08-01 14:03:05". */
export function instant(iso, zone, withSeconds = true) {
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat('en-GB', {
      timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit',
      second: '2-digit', hourCycle: 'h23',
    }).formatToParts(new Date(iso)).map((part) => [part.type, part.value]))
  const time = `${parts.hour}:${parts.minute}${withSeconds ? `:${parts.second}` : ''}`
  return `${parts.year}-${parts.month}-${parts.day} ${time}`
}

/** A dimension's value as text; what has none is named. */
export function label(dimension, text, zone) {
  if (text === null || text === undefined || text === '') return '(none)'
  if (dimension === 'weekday') return weekdays[text - 1]
  if (dimension === 'hour_of_day') return `${String(text).padStart(2, '0')}:00`
  if (dimension === 'hour') return instant(text, zone, false)
  if (['day', 'week', 'month', 'quarter', 'year'].includes(dimension)) return day(text)
  if (typeof text === 'boolean') return text ? 'yes' : 'no'
  return String(text)
}

const operators = { is: 'is', is_not: 'is not', contains: 'contains', not_contains: 'does not contain', matches: 'matches', gt: '>', gte: '≥', lt: '<', lte: '≤' }

/** A filter as people say it: "isp is Gmail", "not opened", "by a machine". */
export function filterWords({ field, op, values }, zone) {
  const flag = /^(?:is_machine|was_\w+)$/.test(field) && ['is', 'is_not'].includes(op)
  if (flag) return values.map((value) => flagWords(field, op, value === null ? null : String(value))).join(' or ')
  return `${field.replaceAll('_', ' ')} ${operators[op] ?? op} ${values.map((value) => label(field, value, zone)).join(' or ')}`
}

function flagWords(field, op, value) {
  const not = op === 'is_not' ? 'not ' : ''
  if (field === 'is_machine') return value === null ? `${not ? '' : 'not '}an open or click` : `${not}by a ${value === 'true' ? 'machine' : 'person'}`
  return ((value === 'true') === !not ? '' : 'not ') + field.slice(4).replace('_by_person', ' by a person')
}
