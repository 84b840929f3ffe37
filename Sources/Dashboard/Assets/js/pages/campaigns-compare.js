// Two to four campaigns side by side: their numbers in columns, and what became of them since the first send of each.

import { h, framed } from '../dom.js'
import { state } from '../state.js'
import { ask } from '../api.js'
import { percent, value } from '../format.js'
import { nothing } from '../parts/card.js'
import { plot, colour } from '../parts/chart.js'
import { explained } from '../parts/words.js'
import { csv } from '../parts/csv.js'
import { choice } from '../parts/menu.js'
import { grain } from '../parts/time.js'
import { campaignKey, nameOf } from './campaigns-key.js'

const hourMs = 3_600_000
const metrics = ['sends', 'delivery_rate', 'bounce_rate', 'complaint_rate', 'open_rate', 'click_rate', 'click_to_open_rate', 'unsubscribe_rate']
const courses = [
  ['human_opens', 'Opens by people'], ['human_clicks', 'Clicks by people'], ['deliveries', 'Deliveries'], ['counted_bounces', 'Bounces that count'], ['unsubscribes', 'Unsubscribes'],
]
const lines = [['accent', 'solid'], ['delay', 'dashed'], ['delivery', 'solid'], ['complaint', 'dotted']]

/** The campaigns chosen; null is the one of mails without. */
export function picks() {
  try {
    const chosen = JSON.parse(state.get('pick') ?? '[]')
    return Array.isArray(chosen) ? chosen.slice(0, 4) : []
  } catch {
    return []
  }
}

/** Chooses a campaign or lets it go. */
export function togglePick(name) {
  const chosen = picks()
  const next = chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name]
  state.set({ pick: next.length ? JSON.stringify(next) : null }, { replace: true })
}

/** The card of it. `campaigns(signal)` gives the answer that the list shows too. */
export function sideBySide(view, campaigns) {
  const by = () => (courses.some(([name]) => name === state.get('course')) ? state.get('course') : courses[0][0])
  // Hours tell more of a campaign that was sent at once; a year of them is too much.
  const step = () => (['hour', 'day'].includes(grain()) ? 'hour' : 'day')
  const query = () => ({
    metrics: ['sends', by()], dimensions: [campaignKey(), step()], compare: false, limit: 10_000,
    filters: [{ field: campaignKey(), op: 'in', values: picks() }],
  })
  let chosen = []
  view.card({
    title: 'Side by side', hint: 'What has happened since the first send of each in this period, for every hundred of its mails.',
    actions: () => (picks().length < 2 ? null : choice('Course of', 'course', courses, { isLook: true })),
    png: true, csv: () => asCSV(chosen),
    load: async (signal) => (picks().length < 2 ? null : { all: await campaigns(signal), course: await ask(query(), signal) }),
    isEmpty: (data) => !data,
    empty: () => nothing('Tick two to four campaigns above.'),
    draw: (body, { all, course }) => {
      chosen = all.rows.filter((row) => picks().includes(row[campaignKey()]))
      const area = h('div', {})
      body.append(area, comparison(view, chosen))
      return sinceFirstSend(area, chosen.map((row) => row[campaignKey()]), course, { metric: by(), step: step(), title: courses.find(([name]) => name === by())[1] })
    },
  })
}

/** Counts so far by hours since the first send, for each hundred mails sent. */
export function courseOf(rows, step, metric) {
  const first = rows.find((row) => row.sends > 0)?.[step]
  if (!first) return []
  const size = rows.reduce((sum, row) => sum + row.sends, 0)
  let sum = 0
  return rows.filter((row) => row[step] >= first).map((row) => [(Date.parse(row[step]) - Date.parse(first)) / hourMs, (sum += row[metric]) / size])
}

function sinceFirstSend(area, names, course, { metric, step, title }) {
  const series = names.map((name, index) => {
    const [shade, type] = lines[index]
    const points = courseOf(course.rows.filter((row) => row[campaignKey()] === name), step, metric)
    return { name: nameOf(name), shade, type, points }
  })
  const last = Math.max(0, ...series.map(({ points }) => points.at(-1)?.[0] ?? 0))
  const longest = last > 48 ? Math.ceil(last / 24) * 24 : last
  return plot(area, (theme) => ({
    grid: { right: 120 },
    xAxis: { type: 'value', max: longest, interval: tick(longest), axisLabel: { formatter: since } },
    yAxis: { axisLabel: { formatter: percent } },
    tooltip: { trigger: 'axis', formatter: (points) => [`${since(points[0].value[0])} after the first send`, ...points.map((point) => `${point.seriesName}  ${percent(point.value[1])}`)].join('\n') },
    series: series.map(({ name, shade, type, points }) => ({
      name, type: 'line', step: 'end', symbol: 'none', data: points, itemStyle: { color: colour(shade) }, lineStyle: { color: colour(shade), width: 2, type },
      endLabel: { show: true, formatter: name, color: theme.ink, distance: 6, width: 108, overflow: 'truncate' }, labelLayout: { moveOverlap: 'shiftY' },
    })),
  }), { label: `${title} of ${series.map(({ name }) => name).join(', ')} since the first send of each` })
}

const tick = (hours) => (hours <= 12 ? 2 : hours <= 48 ? 6 : hours <= 24 * 14 ? 48 : hours <= 24 * 62 ? 24 * 7 : 24 * 28)
const since = (hours) => (hours < 48 && hours % 24 !== 0 ? `${hours} h` : `${Math.floor(hours / 24)} d${hours % 24 ? ` ${hours % 24} h` : ''}`)

// Metrics downwards, campaigns across: what is compared stands side by side. The best of a rate is in bold.
function comparison(view, rows) {
  const best = (metric) => {
    const numbers = rows.filter((row) => !row.sample_too_small.includes(metric.name)).map((row) => row[metric.name]).filter((one) => one !== null)
    if (!['up', 'down'].includes(metric.good_direction) || new Set(numbers).size < 2) return null
    return Math[metric.good_direction === 'up' ? 'max' : 'min'](...numbers)
  }
  return framed('Table', h('table', { class: 'side-by-side' },
    h('caption', { class: 'visually-hidden' }, 'The chosen campaigns side by side'),
    h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'Metric'), rows.map((row) => h('th', { scope: 'col', class: 'number' }, nameOf(row[campaignKey()]))))),
    h('tbody', {}, metrics.map((name) => {
      const metric = view.metric(name)
      const top = best(metric)
      return h('tr', {}, h('th', { scope: 'row', ...explained(metric) }, metric.title), rows.map((row) => {
        const isSmall = row.sample_too_small.includes(name)
        const text = value(row[name], metric.unit)
        return h('td', { class: isSmall ? 'number faint' : 'number', 'data-title': nameOf(row[campaignKey()]) },
          row[name] === top && top !== null ? h('strong', { title: 'The best of them' }, text) : text, isSmall && '*')
      }))
    }))))
}


const asCSV = (rows) => csv({
  columns: [{ name: 'metric' }, ...rows.map((row) => ({ name: nameOf(row[campaignKey()]) }))],
  rows: metrics.map((metric) => ({ metric, ...Object.fromEntries(rows.map((row) => [nameOf(row[campaignKey()]), row[metric]])) })),
})
