// What stands over every page: search, period, comparison, filters; and the keys.

import { h, fill, keepingFocus } from './dom.js'
import { state, periods, comparisons, go } from './state.js'
import { filterWords, day } from './format.js'
import { filterDialog } from './filters.js'
import { formDialog, openDialog } from './parts/dialog.js'
import { may } from './parts/role.js'

const controls = document.getElementById('controls')
const chips = document.getElementById('chips')

/** Draws the controls for the state there is. */
export function drawFrame() {
  const isTimed = !timeless.test(location.pathname)
  keepingFocus(controls, () => fill(controls, may('viewer')
    ? [
      isTimed ? [periodMenu(), compareMenu(), h('button', { class: 'quiet', onclick: () => filterDialog() }, '+ Filter')]
        : location.pathname !== '/sql' && h('span', { class: 'zone muted', title: 'Times are those of this zone' }, state.zone),
      viewsControl(), may('admin') && shareable.has(location.pathname) && shareButton(),
    ]
    : h('span', { class: 'muted' }, `${spanTitle(state.period)} · ${state.zone}`)))
  fill(chips, state.filters.map(chip), state.filters.length > 1 && may('viewer') && h('button', { class: 'plain', onclick: () => state.setFilters([]) }, 'Clear all'))
  chips.hidden = !isTimed || state.filters.length === 0
  for (const link of document.querySelectorAll('.rail a[data-page]')) link.href = state.link(link.dataset.page)
}

// Pages that show the same whatever the period and the filters are; both stay in the address for the next page.
const timeless = /^\/(?:sql$|settings$|message\/|recipient\/)/

// Pages of one thing belong to the section where it is found.
const homes = { message: '/people', recipient: '/people' }

// Pages whose numbers all come from queries, which the server can keep within what is shared.
const shareable = new Set(['/', '/deliverability', '/engagement', '/campaigns', '/monitoring'])
const shareButton = () => h('button', {
  class: 'quiet', onclick: () => import('./share.js').then(({ shareDialog }) => shareDialog(document.querySelector('.rail a[aria-current]').textContent)),
}, 'Share')

// The browser opens and closes the menu, and keeps the focus; what is in it comes when it is wanted.
function viewsControl() {
  const panel = h('div', {
    id: 'views', popover: 'auto', role: 'group', 'aria-label': 'Saved views',
    ontoggle: ({ newState }) => newState === 'open' && import('./views.js').then(({ drawViews }) => drawViews(panel)),
    onbeforetoggle: () => {
      const { left, bottom } = button.getBoundingClientRect()
      panel.style.setProperty('left', `${Math.max(8, Math.min(left, innerWidth - 328))}px`)
      panel.style.setProperty('top', `${bottom + 4}px`)
    },
  })
  const button = h('button', { id: 'views-button', class: 'quiet', popovertarget: 'views' }, 'Views')
  return [button, panel]
}

/** Marks the page in the rail. */
export function markCurrent(path) {
  const home = homes[path.split('/')[1]] ?? path
  for (const link of document.querySelectorAll('.rail a[data-page]')) {
    const is = link.dataset.page === home || (link.dataset.page !== '/' && home.startsWith(`${link.dataset.page}/`))
    if (is) link.setAttribute('aria-current', 'page')
    else link.removeAttribute('aria-current')
  }
}

function periodMenu() {
  const isOwn = state.period.includes('..')
  const select = h('select', {
    id: 'period', 'aria-label': 'Period', title: `Days are those of ${state.zone}`, onchange: () => (select.value === 'custom' ? customPeriod() : state.set({ period: select.value })),
  },
  periods.map(({ range, title }) => h('option', { value: range, selected: range === state.period }, title)),
  isOwn && h('option', { value: state.period, selected: true }, spanTitle(state.period)),
  h('option', { value: 'custom' }, 'From … to …'))
  return h('span', { class: 'control' }, select, h('span', { class: 'zone muted' }, state.zone))
}

/** A period in words. */
export const spanTitle = (period) => periods.find(({ range }) => range === period)?.title ?? period.split('..').map((end) => (end.length > 10 ? end.replace('T', ' ').slice(0, 16) : day(end))).join(' – ')

function customPeriod() {
  const [from = '', to = ''] = state.period.includes('..') ? state.period.split('..').map((end) => end.slice(0, 10)) : []
  formDialog({
    title: 'Period', button: 'Show', cancelled: drawFrame,
    content: [
      h('label', {}, 'From', h('input', { type: 'date', name: 'from', value: from, required: true })),
      h('label', {}, 'To, that day included', h('input', { type: 'date', name: 'to', value: to, required: true })),
      h('p', { class: 'muted' }, `Days are those of ${state.zone}.`)],
    send: (data) => () => state.set({ period: [data.get('from'), data.get('to')].sort().join('..') }),
  })
}

function compareMenu() {
  const select = h('select', { 'aria-label': 'Compare with', onchange: () => state.set({ compare: select.value === 'previous' ? null : select.value }) },
    comparisons.map(({ value, title }) => h('option', { value, selected: value === state.compare }, `vs ${title}`)))
  return h('span', { class: 'control' }, select)
}

function chip(filter, index) {
  const title = filterWords(filter, state.zone)
  // What was shared holds whatever a guest takes away here.
  if (!may('viewer')) return h('span', { class: 'chip' }, h('span', { class: 'chip-words' }, title))
  return h('span', { class: 'chip' },
    h('button', { class: 'chip-text', title: 'Change', onclick: () => filterDialog(filter, index) }, title),
    h('button', { class: 'chip-remove', 'aria-label': `Remove: ${title}`, onclick: () => state.setFilters(state.filters.filter((_, other) => other !== index)) }, '×'))
}

const keys = [
  ['/', 'Search', () => document.getElementById('search')?.focus()],
  ...periods.filter(({ key }) => key).map(({ key, title, range }) => [key, title, () => state.set({ period: range })]),
  ['c', 'Period from … to …', customPeriod],
  ['f', 'Filter', () => filterDialog()],
  ['v', 'Saved views', () => document.getElementById('views-button').click()],
  ['x', 'Compare or not', () => state.set({ compare: state.compare === 'off' ? null : 'off' })],
  ['←', 'The period before', () => step(-1)],
  ['→', 'The period after', () => step(1)],
  ['?', 'This help', help],
]

function help() {
  openDialog(h('form', { method: 'dialog' }, h('h2', {}, 'Keys'),
    h('dl', { class: 'keys' }, keys.map(([key, words]) => [h('dt', {}, h('kbd', {}, key)), h('dd', {}, words)])),
    h('div', { class: 'dialog-buttons' }, h('button', { type: 'submit' }, 'Close'))))
}

// Moves the period by its own length.
function step(direction) {
  const dayMs = 86_400_000
  const lengths = { '24h': 1, today: 1, yesterday: 1, '7d': 7, '30d': 30, '90d': 90, '1y': 365, this_month: 30, last_month: 30 }
  let [from, to] = state.period.split('..').map((end) => Date.parse(end))
  if (to === undefined || Number.isNaN(to)) {
    const days = lengths[state.period]
    if (!days) return
    const today = Date.parse(new Date().toISOString().slice(0, 10))
    ;[from, to] = [today - (days - 1) * dayMs, today]
  }
  const length = to - from + dayMs
  const text = (time) => new Date(time).toISOString().slice(0, 10)
  state.set({ period: `${text(from + direction * length)}..${text(to + direction * length)}` })
}

document.addEventListener('keydown', (event) => {
  if (event.metaKey || event.ctrlKey || event.altKey || document.querySelector('dialog[open]')) return
  if (event.target.closest('input, select, textarea, [contenteditable], .cm-editor') || event.composedPath()[0].closest?.('.cm-editor')) {
    if (event.key === 'Escape' && !event.defaultPrevented) event.target.blur()
    return
  }
  const name = { ArrowLeft: '←', ArrowRight: '→' }[event.key] ?? event.key
  const found = may('viewer') && keys.find(([key]) => key === name)
  if (!found || (name.length === 1 && '←→'.includes(name) && event.target.closest('[role=grid], .chart'))) return
  event.preventDefault()
  found[2]()
})

document.getElementById('search-form')?.addEventListener('submit', (event) => {
  event.preventDefault()
  const text = document.getElementById('search').value.trim()
  if (text) go(state.link('/people', { q: text }))
})

const themes = ['auto', 'light', 'dark']
const themeButton = document.getElementById('theme')
function applyTheme(theme) {
  if (theme === 'auto') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
  themeButton.textContent = { auto: 'Theme: system', light: 'Theme: light', dark: 'Theme: dark' }[theme]
  document.dispatchEvent(new Event('themechange'))
}
themeButton.addEventListener('click', () => {
  const next = themes[(themes.indexOf(localStorage.getItem('theme') ?? 'auto') + 1) % themes.length]
  localStorage.setItem('theme', next)
  applyTheme(next)
})
applyTheme(localStorage.getItem('theme') ?? 'auto')

const railButton = document.getElementById('rail-button')
const isRailOpen = () => document.body.classList.contains('rail-open')
railButton?.addEventListener('click', () => toggleRail(!isRailOpen()))
// On a small screen the rail lies over the page: a link, the page itself and Escape close it.
document.addEventListener('click', (event) => { if (isRailOpen() && !railButton.contains(event.target) && (event.target.closest('a') || !event.target.closest('.rail'))) toggleRail(false) })
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || !isRailOpen()) return
  toggleRail(false)
  railButton.focus()
})
function toggleRail(isOpen) {
  document.body.classList.toggle('rail-open', isOpen)
  railButton.setAttribute('aria-expanded', String(isOpen))
}

// The bar is as high as its filters want it; what sticks below it has to know.
const bar = document.querySelector('header.bar')
if (bar) new ResizeObserver(() => document.documentElement.style.setProperty('--bar', `${bar.offsetHeight}px`)).observe(bar)
