// Metrics over time as a chart: gaps filled, the unfinished period dotted, the time compared with behind it.

import { plot, colour, colourOf } from './chart.js'
import { state } from '../state.js'
import { value, label } from '../format.js'

const hourMs = 3_600_000

/** The dimension of time that suits the period. */
export function grain() {
  const period = state.period
  const [from, to] = period.split('..')
  if (to) {
    const days = (Date.parse(to) - Date.parse(from)) / (24 * hourMs) + 1
    return days <= 2 ? 'hour' : days <= 120 ? 'day' : days <= 800 ? 'week' : 'month'
  }
  if (['24h', 'today', 'yesterday'].includes(period)) return 'hour'
  return period === '1y' ? 'week' : period === 'all' ? 'month' : 'day'
}

/** Whether the period ends with the present: whether what is true at its end is true now. */
export function endsNow() {
  const to = state.period.split('..')[1]
  return to ? Date.parse(to.length > 10 ? to : `${to}T24:00`) > Date.now() : !/^(yesterday|last_)/.test(state.period)
}

/** All instants of the answer's range, those without events too, in the form that rows have them. */
export function buckets(answer, dimension) {
  const seen = answer.rows.map((row) => row[dimension]).filter((item) => item !== null)
  const { from, to } = answer.date_range
  if (!seen.length || dimension === 'month' || dimension === 'quarter' || dimension === 'year') return seen
  const step = dimension === 'hour' ? hourMs : dimension === 'week' ? 7 * 24 * hourMs : 24 * hourMs
  const start = Date.parse(seen[0]) - Math.floor((Date.parse(seen[0]) - (from ? Date.parse(from) : Date.parse(seen[0]))) / step) * step
  const end = Math.min(to ? Date.parse(to) : Date.parse(seen.at(-1)), Date.now() + 14 * hourMs)
  const all = new Set(seen)
  for (let time = start; time < end && all.size < 2_000; time += step) {
    const text = new Date(time).toISOString()
    all.add(dimension === 'hour' ? seen[0].includes('.') ? text : text.replace('.000Z', 'Z') : text.slice(0, 10))
  }
  return [...all].sort()
}

/**
 * Draws metrics over time.
 *
 * @param series `{ metric, title, colour, type }` each, `colour` a function where dark has another; `unit` is that of all. `lines` are limits, `{ at, title }`. `isLog`: lengths of very different sizes,
 * so the axis goes from a second to a minute to an hour in steps of one size.
 */
export function timeChart(element, answer, { dimension = grain(), series, unit, lines = [], height, stack = false, isLog = false, label: words }) {
  const times = buckets(answer, dimension)
  const rows = new Map(answer.rows.map((row) => [row[dimension], row]))
  const none = unit === 'count' ? 0 : null
  // An axis by powers of 60 has its marks where clocks do if it counts seconds.
  const size = isLog ? 1_000 : 1
  const values = (name) => times.map((time) => rows.get(time)?.[name] ?? none).map((item) => (item === null ? null : item / size))
  // Days and hours end at a quarter of an hour, whatever the zone; a range that does not ends with the present.
  const end = Date.parse(answer.date_range.to ?? '')
  const isUnfinished = !(end <= Date.now()) || end % 900_000 !== 0
  const top = unit === 'ratio' ? Math.max(...series.flatMap((one) => values(one.metric))) : 0
  const isNearAll = top > 0.75 && top <= 1
  const format = (number) => value(number * size, unit)
  const names = new Set(answer.columns.map((column) => column.name))
  const handle = plot(element, (theme) => ({
    grid: { right: series.length > 1 && series.some((one) => one.type !== 'bar') ? 96 : 24 },
    xAxis: {
      type: 'category', data: times, boundaryGap: series.some((one) => one.type === 'bar'),
      axisLabel: { formatter: (text) => short(dimension, text) },
    },
    yAxis: {
      ...(isLog ? { type: 'log', logBase: 60, min: undefined } : {}),
      max: lines.length ? ({ max }) => Math.max(max, Math.min(...lines.map((line) => line.at)) * 1.15)
        : isNearAll ? 1 : undefined,
      interval: isNearAll ? 0.25 : undefined,
      axisLabel: { formatter: (number) => format(number).replace(/\.0+(?= %)/, '') },
    },
    tooltip: { trigger: 'axis', formatter: (points) => tooltip(points, dimension, format) },
    series: series.flatMap((one) => {
      const shade = typeof one.colour === 'function' ? one.colour() : one.colour ?? colourOf(one.metric)
      const now = line(one, values(one.metric), shade, { stack, isUnfinished, isAlone: series.length === 1 })
      const before = `compare:${one.metric}`
      const old = names.has(before) && series.length === 1 ? [past(answer, dimension, before, times, none)] : []
      return [...old, ...now]
    }).concat(lines.length ? [limits(lines, theme)] : []),
  }), { label: words ?? `${series.map((one) => one.title).join(', ')} over time`, height, onbrush: (from, to) => zoom(dimension, times, from, to) })
  return handle
}

// A series; its last point, whose time is not over, hangs on a dotted line.
function line({ metric, title, type = 'line' }, data, shade, { stack, isUnfinished, isAlone }) {
  const common = {
    name: title, type, symbol: 'none', itemStyle: { color: shade }, lineStyle: { color: shade, width: 2 }, stack: stack ? 'all' : undefined,
    areaStyle: stack && type === 'line' ? { opacity: 0.25 } : undefined, barMaxWidth: 28, id: metric,
    endLabel: { show: type === 'line' && !isAlone, formatter: title, color: shade, distance: 6 }, labelLayout: { moveOverlap: 'shiftY' },
  }
  if (type !== 'line' || !isUnfinished || data.length < 2 || stack) return [{ ...common, data }]
  const dotted = { ...common, id: `${metric}:unfinished`, lineStyle: { ...common.lineStyle, type: 'dotted' }, endLabel: common.endLabel }
  return [
    { ...common, data: data.map((item, index) => (index === data.length - 1 ? null : item)), endLabel: { show: false } },
    { ...dotted, data: data.map((item, index) => (index < data.length - 2 ? null : item)) },
  ]
}

// The time compared with, laid over the present by its place in the range.
function past(answer, dimension, name, times, none) {
  const rows = answer.rows.filter((row) => name in row)
  const byTime = new Map(rows.map((row) => [row[dimension], row[name]]))
  return {
    name: 'before', type: 'line', symbol: 'none', silent: true, data: times.map((time) => byTime.get(time) ?? none),
    lineStyle: { color: colour('muted'), width: 1, opacity: 0.6 }, itemStyle: { color: colour('muted') }, z: 1,
  }
}

function limits(lines, theme) {
  return {
    type: 'line', data: [], silent: true,
    markLine: {
      symbol: 'none', silent: true, animation: false,
      data: lines.map((line) => ({
        yAxis: line.at, lineStyle: { color: colour(line.tone ?? 'warn'), type: 'dashed', width: 1 },
        label: { formatter: line.title, position: 'insideStartTop', color: theme.muted, fontSize: 11 },
      })),
    },
  }
}

function tooltip(points, dimension, format) {
  const seen = new Set()
  const shown = points.filter((point) => point.value !== null && point.value !== undefined && !seen.has(point.seriesName) && seen.add(point.seriesName))
  return [label(dimension, points[0].axisValue, state.zone), ...shown.map((point) => `${point.seriesName}  ${format(point.value)}`)].join('\n')
}

function short(dimension, text) {
  const whole = label(dimension, text, state.zone)
  if (dimension === 'month') return whole.replace(/^\d+ /, '')
  return dimension === 'hour' ? whole.slice(11) : whole.replace(/ \d{4}$/, '')
}

function zoom(dimension, times, from, to) {
  if (dimension === 'hour') {
    const end = new Date(Date.parse(times[to]) + hourMs).toISOString()
    state.set({ period: `${times[from]}..${end}` })
  } else state.set({ period: `${times[from]}..${times[to]}` })
}
