// Charts, drawn by ECharts. It is loaded with the first chart, so that words and numbers do not wait for it.

import { h } from '../dom.js'

let library
const load = () => (library ??= import('/assets/vendor/echarts/index.js').then((module) => module.echarts))

const probe = h('span', { hidden: true })
document.body.append(probe)

/** A colour of the page's, by the name of its custom property: the one of light or dark that holds, as a canvas knows it. */
export function colour(name) {
  probe.style.setProperty('color', `var(--${name})`)
  return getComputedStyle(probe).color
}

/** The colour of an event type or metric; the same everywhere. */
export function colourOf(name) {
  const type = kinds.find(([, pattern]) => pattern.test(name))
  return colour(type ? type[0] : 'accent')
}

const kinds = [
  ['rejected', /^reject|rendering/i], ['bounce', /bounce/i], ['complaint', /complaint/i], ['delay', /delay|time_to_deliver/i],
  ['subscription', /subscri/i], ['delivery', /deliver/i], ['open', /open/i], ['click', /click/i], ['send', /send/i],
]

/**
 * Draws a chart into an element.
 *
 * `option(theme)` makes ECharts' option; it is asked again when light turns to dark. `label` says in words what the picture shows.
 * Gives an object with `picture()`, a PNG.
 */
export function plot(element, option, { label, height = 260, onclick, onbrush } = {}) {
  const area = h('div', { class: 'chart', role: 'img', 'aria-label': label, style: { height: `${height}px` } })
  element.append(area)
  const handle = { picture: () => '', area }
  load().then((echarts) => {
    if (!area.isConnected) return
    const chart = echarts.init(area, null, { renderer: 'canvas' })
    const paint = () => chart.setOption(settled(option(theme())), { notMerge: true })
    paint()
    if (onclick) chart.on('click', onclick)
    if (onbrush) brushing(chart, onbrush)
    const watch = new ResizeObserver(() => (area.isConnected ? chart.resize() : end()))
    watch.observe(area)
    const scheme = matchMedia('(prefers-color-scheme: dark)')
    scheme.addEventListener('change', paint)
    document.addEventListener('themechange', paint)
    function end() {
      watch.disconnect()
      scheme.removeEventListener('change', paint)
      document.removeEventListener('themechange', paint)
      chart.dispose()
    }
    handle.picture = () => chart.getDataURL({ pixelRatio: 2, backgroundColor: colour('ground') })
    handle.chart = chart
    handle.end = end
  }, () => area.replaceWith(h('p', { class: 'muted' }, 'Charts are not installed; scripts/setup brings them. The tables show the same numbers.')))
  return handle
}

/** Colours and type for axes and words. */
export function theme() {
  return {
    ink: colour('ink'), muted: colour('muted'), line: colour('line'), ground: colour('ground'), raised: colour('raised'),
    accent: colour('accent'),
  }
}

// What all charts have in common. Nothing moves unless data moved; words are drawn, never markup.
function settled(option) {
  const { ink, muted, line, raised } = theme()
  const text = { color: muted, fontFamily: 'system-ui, sans-serif', fontSize: 12 }
  const grid = { left: 8, right: 16, top: 16, bottom: 4, containLabel: true }
  const across = { axisLine: { lineStyle: { color: line } }, axisTick: { show: false }, splitLine: { show: false } }
  const up = { type: 'value', min: 0, splitNumber: 4, splitLine: { lineStyle: { color: line } } }
  const axis = (common, own) => ({ ...common, ...own, axisLabel: { color: muted, hideOverlap: true, ...own.axisLabel } })
  return {
    animation: false, textStyle: text, aria: { enabled: false },
    ...option, series: option.series.map(withDots),
    ...(option.xAxis ? { grid: { ...grid, ...option.grid }, xAxis: axis(across, option.xAxis), yAxis: axis(up, option.yAxis) } : {}),
    tooltip: option.tooltip === false ? undefined : {
      renderMode: 'richText', confine: true, backgroundColor: raised, borderColor: line, textStyle: { ...text, color: ink },
      axisPointer: { lineStyle: { color: muted, type: 'solid', width: 1 }, label: { show: false } }, ...option.tooltip,
    },
  }
}

// A value without neighbours is no line: it is a dot.
function withDots(series) {
  if (series.type !== 'line' || series.symbol !== 'none') return series
  const alone = ({ data }, at) => data[at] !== null && (data[at - 1] ?? data[at + 1] ?? null) === null
  return { ...series, data: series.data.map((value, at) => (alone(series, at) ? { value, symbol: 'circle', symbolSize: 6 } : value)) }
}

// Dragging over a chart sets the period.
function brushing(chart, done) {
  const canvas = chart.getZr()
  let start = null
  const index = (event) => chart.convertFromPixel({ gridIndex: 0 }, [event.offsetX, event.offsetY])?.[0]
  canvas.on('mousedown', (event) => { start = chart.containPixel({ gridIndex: 0 }, [event.offsetX, event.offsetY]) ? index(event) : null })
  canvas.on('mouseup', (event) => {
    const end = index(event)
    if (start !== null && end !== undefined && Math.abs(end - start) >= 1) done(Math.min(start, end), Math.max(start, end))
    start = null
  })
}

const company = new Map()

/** A chart whose crosshair moves with those of the page's others of the same time; drawn anew it takes the place of the one of its name. */
export function together(name, handle) {
  for (const [other, { area }] of company) if (!area?.isConnected) company.delete(other)
  company.set(name, handle)
  load().then((echarts) => {
    const charts = [...company.values()].filter(({ area, chart }) => chart && area.isConnected).map(({ chart }) => chart)
    if (charts.length > 1) echarts.connect(charts)
  }, () => {})
  return handle
}
