// The three kinds of chart of the monitoring dashboard: bars over time, bars by sender, pies. The nine largest have a colour each, and the rest is "other".

import { h } from '../dom.js'
import { state, go } from '../state.js'
import { whole, percent, label } from '../format.js'
import { plot, colour, colourOf } from '../parts/chart.js'
import { grouped } from '../parts/group.js'
import { legend } from '../parts/legend.js'
import { timeChart } from '../parts/time.js'

const most = 9
// Told apart by those who do not see all colours: the set of Okabe and Ito, and its darker neighbours.
const palette = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#7a5ca8', '#8c6d1f', '#4f7942', '#a04060']
const dark = new Set(['#0072b2', '#7a5ca8', '#8c6d1f', '#4f7942', '#a04060'])
const other = Symbol('other')

/** The slices of a dimension: the largest by name, and all others together. A sender has the same colour in every visual that knows as many. */
function slices(data) {
  const { rows, totals } = grouped(data, [data.by], ['events'])
  const isWhole = rows.length <= most + 1
  const shown = isWhole ? rows : rows.slice(0, most)
  const found = shown.map((row, at) => ({ key: row[data.by], title: label(data.by, row[data.by], state.zone), events: row.events, hue: hueOf(data.by, row[data.by], at) }))
  if (!isWhole) {
    const rest = rows.slice(most)
    found.push({ key: other, title: `${whole(rest.length)} others`, events: rest.reduce((sum, row) => sum + row.events, 0), hue: colour('subscription') })
  }
  return { found, total: totals.events }
}

const known = new Map()

/** Gives senders their colours: those with most events the first ones. */
export function rank(senders) {
  for (const sender of senders) if (!known.has(sender)) known.set(sender, palette[known.size % palette.length])
}

function hueOf(by, key, at) {
  if (by === 'event_type') return colourOf(key)
  if (by !== 'sender') return palette[at]
  rank([key])
  return known.get(key)
}

const named = (by, { found, total }, withShare) => legend(found.map(({ key, title, events, hue }) => ({
  title, hue, href: key === other ? null : state.linkWith(by, key), value: withShare ? `${whole(events)} · ${percent(events / total)}` : whole(events),
})))

const follow = (by, key) => { if (key !== other) go(state.linkWith(by, key)) }

/** A pie with value and percent, as far as they fit; beside it all of them in words. */
export function pie(body, data, title) {
  const parts = slices(data)
  const area = h('div', {})
  body.append(h('div', { class: 'pie' }, area, named(data.by, parts, true)))
  const words = ({ dataIndex }, mark) => `${whole(parts.found[dataIndex].events)}${mark}${percent(parts.found[dataIndex].events / parts.total)}`
  return plot(area, (theme) => ({
    tooltip: { formatter: (point) => `${point.name}\n${words(point, ' · ')}` },
    series: [{
      type: 'pie', radius: '94%', itemStyle: { borderColor: theme.ground, borderWidth: 1 }, labelLine: { show: false },
      label: { position: 'inside', formatter: (point) => (point.percent < 7 ? '' : words(point, '\n')), fontSize: 12, lineHeight: 15 },
      data: parts.found.map(({ title, events, hue }) => ({ name: title, value: events, itemStyle: { color: hue }, label: { color: dark.has(hue) ? '#ffffff' : '#14181f' } })),
    }],
  }), { label: `${title}: ${parts.found.slice(0, 3).map((part) => `${part.title} ${whole(part.events)}`).join(', ')}`, height: 240, onclick: ({ dataIndex }) => follow(data.by, parts.found[dataIndex].key) })
}

/** Bars over time, stacked by a dimension. */
export function barsBySpan(body, data, title) {
  const parts = slices(data)
  const place = new Map(parts.found.map(({ key }, at) => [key, at]))
  const rows = new Map()
  for (const row of data.rows) {
    const time = row[data.span]
    if (!rows.has(time)) rows.set(time, { [data.span]: time })
    const name = `part${place.get(row[data.by]) ?? place.get(other)}`
    rows.get(time)[name] = (rows.get(time)[name] ?? 0) + row.events
  }
  body.append(named(data.by, parts))
  const sorted = [...rows.values()].sort((one, next) => (one[data.span] < next[data.span] ? -1 : 1))
  return timeChart(body, { rows: sorted, columns: [], date_range: data.date_range }, {
    dimension: data.span, unit: 'count', stack: true, height: 260, label: `${title} over time`,
    series: parts.found.map((part, at) => ({ metric: `part${at}`, title: part.title, type: 'bar', colour: part.hue })),
  })
}

// Of `Example Shop <orders@example.com>` what fits below a bar.
const address = (sender) => (/<([^>]+)>$/.exec(sender)?.[1] ?? sender).replace('@', '@\n')

/** A bar for each sender, stacked by a dimension. */
export function barsBySender(body, data, title) {
  const parts = slices(data)
  const bars = slices({ ...data, by: 'sender' }).found
  const [bar, part] = [bars, parts.found].map((list) => new Map(list.map(({ key }, at) => [key, at])))
  const sums = parts.found.map(() => bars.map(() => 0))
  for (const row of data.rows) sums[part.get(row[data.by]) ?? part.get(other)][bar.get(row.sender) ?? bar.get(other)] += row.events
  body.append(named(data.by, parts))
  return plot(body, (theme) => ({
    grid: { right: 8, top: 24 },
    xAxis: {
      type: 'category', data: bars.map((one) => one.title), axisLabel: { hideOverlap: false, fontSize: 11, lineHeight: 13, interval: 0, width: (body.clientWidth - 60) / bars.length - 6, overflow: bars.length > 5 ? 'truncate' : 'breakAll', formatter: address },
    },
    yAxis: { axisLabel: { formatter: whole } },
    tooltip: { trigger: 'axis', formatter: (points) => [points[0].name, ...points.filter((point) => point.value && point.seriesName).map((point) => `${point.seriesName}  ${whole(point.value)}`)].join('\n') },
    series: [
      ...parts.found.map(({ title, hue }, at) => ({ name: title, type: 'bar', stack: 'all', barMaxWidth: 64, itemStyle: { color: hue }, data: sums[at] })),
      { name: '', type: 'bar', stack: 'all', silent: true, data: bars.map(() => 0), label: { show: true, position: 'top', color: theme.ink, formatter: ({ dataIndex }) => whole(bars[dataIndex].events) } },
    ],
  }), { label: `${title}: ${bars.slice(0, 3).map((one) => `${one.title} ${whole(one.events)}`).join(', ')}`, height: 260, onclick: ({ dataIndex }) => follow('sender', bars[dataIndex].key) })
}
