// How long data is kept, and what that means today.

import { h, fill, framed } from '../dom.js'
import { state } from '../state.js'
import { call } from '../api.js'
import { capital, day, instant, whole } from '../format.js'
import { trouble } from '../parts/card.js'
import { sure } from '../parts/dialog.js'

const tables = [
  ['events', 'Events', 'Every open, click, bounce and delivery, a row each.'], ['messages', 'Messages', 'What became of each mail; goes with its events at the latest.'],
  ['raw', 'Raw bytes', 'As they were received, to be read anew.'], ['refused', 'Refused records', 'What could not be read.'], ['streams', 'Tables of streams', 'What programs put into streams of their own.'],
]

/** The card of retention. */
export function retention(view) {
  const card = view.card({
    title: 'How long data is kept', hint: 'Empty: for good. Limits are carried out once a day.',
    load: (signal) => call('GET', '/api/v1/retention', { signal }),
    draw: (body, answer) => {
      const problem = h('div', { role: 'alert' })
      const form = h('form', { onsubmit: (event) => { event.preventDefault(); save(form, answer.policy, problem, () => card.reload(view.signal)) } },
        framed('Table', h('table', {},
          h('thead', {}, h('tr', {}, ['Data', 'Deleted after, days', 'Made anonymous after, days', 'What that means today'].map((title) => h('th', { scope: 'col' }, title)))),
          h('tbody', {}, tables.map((one) => row(one, answer))))),
        answer.remarks.map((remark) => h('p', { class: 'warn-text' }, `${capital(remark)}.`)),
        h('p', { class: 'muted' }, lastRun(answer.last_run)), problem,
        h('div', { class: 'dialog-buttons' }, h('button', { type: 'submit' }, 'Save limits')))
      body.append(form)
    },
  })
}

function row([name, title, words], { policy, due }) {
  const limits = policy[name] ?? {}
  const field = (kind, label) => h('input', { type: 'number', min: 1, max: 36_500, name: `${name}.${kind}`, value: limits[kind] ?? '', placeholder: 'for good', 'aria-label': `${title}: ${label}` })
  const now = due[name] ?? {}
  const meaning = [now.delete_before && `deleted: before ${day(now.delete_before)}`, now.anonymise_before && `anonymous: before ${day(now.anonymise_before)}`].filter(Boolean).join('; ')
  return h('tr', {}, h('td', {}, h('div', {}, title, h('div', { class: 'muted' }, words))),
    h('td', { 'data-title': 'Deleted after, days' }, field('delete_after_days', 'deleted after days')),
    h('td', { 'data-title': 'Made anonymous after, days' }, name === 'events' ? field('anonymise_after_days', 'made anonymous after days') : h('span', { class: 'muted' }, ['raw', 'messages'].includes(name) ? 'with the events' : '–')),
    h('td', { 'data-title': 'What that means today' }, meaning || h('span', { class: 'muted' }, 'all is kept')))
}

function lastRun(run) {
  if (!run) return 'Limits were never carried out yet.'
  const words = run.changes.map(({ table, action, rows }) => `${table}: ${whole(rows)} rows ${action}`).join(', ')
  return `Last carried out ${instant(run.started_at, state.zone)}: ${run.failure ?? (words || 'nothing was due')}.`
}

function wanted(form) {
  const policy = {}
  for (const [name, text] of new FormData(form)) {
    const [table, kind] = name.split('.')
    if (text !== '') (policy[table] ??= {})[kind] = Number(text)
  }
  return policy
}

// A limit that is new or shorter deletes what cannot be had back, so that is asked first.
async function save(form, old, problem, done) {
  const policy = wanted(form)
  const put = async () => {
    await call('PUT', '/api/v1/retention', { body: policy })
    done()
  }
  const tighter = tables.filter(([name]) => ['delete_after_days', 'anonymise_after_days'].some((kind) => (policy[name]?.[kind] ?? Infinity) < (old[name]?.[kind] ?? Infinity)))
  fill(problem)
  if (tighter.length) {
    return sure({
      title: 'Keep less?', button: 'Save limits',
      words: `${tighter.map(([, title]) => title).join(', ')}: what is older than the new limits is deleted or made anonymous within a day, and cannot be had back. For an hour you can still set it right.`, send: put,
    })
  }
  try { await put() } catch (error) { fill(problem, trouble(error)) }
}
