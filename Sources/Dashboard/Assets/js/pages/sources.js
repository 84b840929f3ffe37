// Whether events come in: each road's health, what it brought, what is missing and what could not be read.

import { h } from '../dom.js'
import { state } from '../state.js'
import { ask, call, forget } from '../api.js'
import { whole, length } from '../format.js'
import { csv } from '../parts/csv.js'
import { may } from '../parts/role.js'
import { moment } from '../parts/moment.js'
import { sparkline } from '../parts/tile.js'
import { colour } from '../parts/chart.js'
import { number, text, table } from '../parts/table.js'
import { addDialog, manageDialog } from './sources-dialogs.js'
import { refusedCard } from './sources-refused.js'

const hours = 24
const hourMs = 3_600_000
const saved = ['name', 'kind', 'state', 'last_event_at', 'events', 'duplicates', 'refused', 'turned_away', 'intake_completeness'].map((name) => ({ name }))

export const page = {
  title: 'Sources',
  draw(view) {
    const reload = () => { forget(); view.reload() }
    let rows = []
    view.card({
      title: 'All sources', hint: 'Events and completeness of the period; the rest since the source was added.',
      csv: () => csv({ columns: saved, rows }),
      actions: () => (may('admin') ? [h('button', { onclick: () => addDialog(reload) }, 'Add a source')] : []),
      load: async (signal) => {
        const [list, refused, course, sums] = await Promise.all([
          call('GET', '/api/v1/sources', { signal }), call('GET', '/api/v1/refused?limit=1', { signal }), courses(signal), completeness(signal)])
        return { list, refused, course, sums }
      },
      draw: (body, { list, refused, course, sums }) => {
        say(view, list)
        rows = joined(list.sources, refused.counts, course, sums)
        if (!rows.length) return body.append(teaching(reload))
        body.append(h('p', { class: 'muted lag' }, lagWords(list.lag)),
          table({ rows }, {
            columns: columns(view), compare: false, shown: 50, caption: 'Sources and what came by them', link: (row) => state.link('/', { filters: [...state.filters, { field: 'source', op: 'is', values: [row.name] }] }),
            drawn: cells(reload),
          }))
      },
    })
    refusedCard(view, reload)
  },
}

const courses = (signal) => ask({ metrics: ['events'], dimensions: ['source', 'hour'], date_range: `${hours}h`, compare: false, limit: 10_000 }, signal)
const completeness = (signal) => ask({ metrics: ['events', 'intake_completeness', 'due_sends', 'settled_sends'], dimensions: ['source'], compare: false, limit: 1_000 }, signal)

const columns = (view) => [
  text('name', 'Source'), text('state', 'State'), text('last_event_at', 'Last event'), text('course', `Last ${hours} hours`),
  number('events', 'Events', 'count', view.metric('events')),
  number('refused', 'Refused', 'count', { meaning: 'Records that came in and could not be read; they are kept below.', formula: 'records kept' }),
  number('intake_completeness', 'Completeness', 'ratio', view.metric('intake_completeness')),
  ...(may('admin') ? [text('todo', '')] : []),
]

const cells = (reload) => ({
  name: (row) => [h('span', { class: `dot ${row.state}`, 'aria-hidden': 'true' }), h('span', { class: 'nowrap' }, row.name), h('span', { class: 'kind' }, row.kind)],
  state: stateOf, last_event_at: lastEvent, course: rate,
  events: (row) => [whole(row.events), row.duplicates > 0 && note(`${whole(row.duplicates)} were there already`)],
  refused: (row) => [whole(row.refused), row.turned_away > 0 && note(`${whole(row.turned_away)} turned away: ${reasons(row)}`)],
  todo: (row) => todo(row, reload),
})

// Sources that were added, then what the lake knows of others: imports, tokens, sources that are gone.
function joined(sources, counts, course, sums) {
  const refused = Map.groupBy(counts, ({ source }) => source)
  const now = Date.now()
  const byHour = new Map()
  for (const row of course.rows) {
    if (!byHour.has(row.source)) byHour.set(row.source, Array(hours).fill(0))
    const at = hours - 1 - Math.floor((now - Date.parse(row.hour)) / hourMs)
    if (at >= 0 && at < hours) byHour.get(row.source)[at] += row.events
  }
  const complete = new Map(sums.rows.map((row) => [row.source, row]))
  const known = new Set(sources.map(({ name }) => name))
  const others = [...new Set([...complete.keys(), ...byHour.keys()])].filter((name) => name !== null && !known.has(name)).sort()
    .map((name) => ({ name, kind: 'import, API token or removed', state: 'past', isPast: true }))
  return [...sources, ...others].map((row) => {
    const found = complete.get(row.name)
    const small = found?.sample_too_small ?? []
    return {
      ...row, received: row.events, turned_away: row.refused, refused: (refused.get(row.name) ?? []).reduce((sum, { count }) => sum + count, 0), events: found?.events ?? 0, course: byHour.get(row.name) ?? [],
      intake_completeness: found?.intake_completeness ?? null, sample_too_small: small,
    }
  })
}

function stateOf(row) {
  if (row.isPast) return h('span', { class: 'muted' }, 'not a source')
  const words = { active: row.received ? 'active' : 'waiting', stale: 'silent', failing: 'failing', paused: 'paused' }[row.state]
  const why = row.state === 'failing' ? row.last_error
    : row.state === 'stale' && row.usual_seconds ? `something usually comes within ${length(row.usual_seconds * 1000)}` : null
  return [h('span', { class: `state ${words}` }, words), why && h('div', { class: 'muted why' }, why)]
}

const lastEvent = (row) => moment(row.last_event_at, row.isPast ? '–' : 'never')

const note = (words) => h('span', { class: 'delta' }, words)
const reasons = (row) => Object.entries(row.refused_by_reason).map(([reason, count]) => `${reason} ${whole(count)}`).join(', ')

function rate(row) {
  const sum = row.course.reduce((total, count) => total + count, 0)
  return h('span', { class: 'rate' }, sparkline(row.course, colour('accent'), { width: 96, height: 22 }),
    h('span', { class: 'muted' }, sum ? `${whole(sum)} in ${hours} h` : 'none'))
}

const todo = (row, reload) => (row.isPast ? ''
  : h('button', { class: 'quiet', onclick: () => manageDialog({ ...row, events: row.received }, reload), 'aria-label': `Set up, test or change ${row.name}` }, 'Set up'))

function lagWords(lag) {
  if (!lag) return null
  return lag.records === 0 ? 'All that was acknowledged can be queried.'
    : `${whole(lag.records)} ${lag.records === 1 ? 'record is' : 'records are'} on the way into the lake, the oldest for ${length(lag.milliseconds)}. Queries see ${lag.records === 1 ? 'it' : 'them'} within seconds.`
}

// The answer first.
function say(view, { sources, refused }) {
  const named = (wanted) => sources.filter(({ state }) => state === wanted).map(({ name }) => name).join(', ')
  const [failing, stale, paused] = ['failing', 'stale', 'paused'].map(named)
  const isNew = !sources.some(({ events }) => events)
  const words = []
  if (failing) words.push(`Fetching fails: ${failing}.`)
  if (stale) words.push(`Silent for longer than usual: ${stale}. Look at the AWS side.`)
  if (paused) words.push(`Paused: ${paused}.`)
  if (!sources.length) words.push('No source yet: events cannot come in by themselves.')
  else if (!failing && !stale && isNew) words.push('No source has brought an event yet. Finish the AWS side, then send a mail or a test event.')
  else if (!failing && !stale) words.push('Events are coming in. Nothing needs you.')
  if (refused) words.push(`${whole(refused)} ${refused === 1 ? 'record was' : 'records were'} refused and kept.`)
  view.say(words.join(' '), failing || stale ? 'warn' : isNew || paused || refused ? '' : 'ok')
}

const teaching = (reload) => h('div', { class: 'empty' },
  h('p', {}, 'A source is a way on which SES sends its events here: an SNS topic, a Firehose stream, EventBridge, a queue, a bucket, or any program.'),
  may('admin')
    ? h('p', {}, h('button', { onclick: () => addDialog(reload) }, 'Add a source'), ' It takes two minutes; what AWS needs is written out for you.')
    : h('p', { class: 'muted' }, 'An administrator can add one.'))
