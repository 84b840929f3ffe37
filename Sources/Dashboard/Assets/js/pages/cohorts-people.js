// Questions about people rather than mails, which SQL answers: whether they keep reading, and what they do after a mail.

import { h, fill } from '../dom.js'
import { state } from '../state.js'
import { day, percent, whole } from '../format.js'
import { nothing } from '../parts/card.js'
import { csv } from '../parts/csv.js'
import { matrix } from '../parts/matrix.js'
import { may } from '../parts/role.js'
import { run, literal, identifier } from '../parts/statement.js'
import { probableKey } from '../parts/catalog.js'
import { number, text, table } from '../parts/table.js'
import { field, knownDatasets } from './cohorts-fields.js'

const forbidden = () => nothing('This is worked out with SQL, which your role may not run. An analyst can.')
const unfiltered = () => state.filters.length > 0 && h('p', { class: 'muted' }, 'Of all mail: the filters above do not reach what SQL works out.')

// The bounds of the period in a statement.
const within = (column, { from, to }) => [from && `${column} >= TIMESTAMPTZ ${literal(from)}`, to && `${column} < TIMESTAMPTZ ${literal(to)}`].filter(Boolean).map((one) => ` AND ${one}`).join('')

/** The statement of the grid: people by the span of their first delivered mail, and those of them who opened in each span since. */
export function retentionSQL(span, range, zone) {
  const start = (time) => `CAST(date_trunc(${literal(span)}, ${time} AT TIME ZONE ${literal(zone)}) AS DATE)`
  return `WITH begun AS (
  SELECT lower(recipient) AS person, min(sent_at) AS first_at FROM messages WHERE delivery_count > 0 AND recipient IS NOT NULL GROUP BY 1),
cohorts AS (SELECT person, ${start('first_at')} AS cohort FROM begun WHERE true${within('first_at', range)}),
opened AS (
  SELECT DISTINCT lower(recipient) AS person, ${start('event_at')} AS span FROM engagements
  WHERE event_type = 'Open' AND NOT is_machine AND recipient IS NOT NULL)
SELECT cohort, NULL AS since, count(*) AS people FROM cohorts GROUP BY 1
UNION ALL
SELECT cohort, date_diff(${literal(span)}, cohort, span) AS since, count(*) AS people FROM cohorts JOIN opened USING (person) WHERE span >= cohort GROUP BY 1, 2
ORDER BY 1, 2 NULLS FIRST`
}

const most = 26

/** Who was first written to in a week, and how many of them opened something in each week since. */
export function retention(view, { span, range }) {
  let shown = { columns: [], rows: [] }
  view.card({
    title: 'Do they keep reading?', hint: 'Of the people first written to in a span, how many opened something in each one since.', csv: () => csv(shown),
    load: async (signal) => (may('analyst') ? run(retentionSQL(span(), await range(signal), state.zone), signal) : null),
    isEmpty: (rows) => !rows?.length, empty: (rows) => (rows ? nothing('Nobody was first written to in this period.') : forbidden()),
    draw: (body, rows) => {
      const groups = [...Map.groupBy(rows, (row) => row.cohort)].slice(-most)
        .map(([cohort, list]) => ({ cohort, people: list.find((row) => row.since === null).people, opened: new Map(list.map((row) => [row.since, row.people])) }))
      const today = new Date().toISOString().slice(0, 10)
      const spans = Math.min(most, Math.max(...groups.map(({ cohort }) => between(span(), cohort, today))) + 1)
      const columns = Array.from({ length: spans }, (_, since) => ({ title: since ? `+ ${since}` : span() === 'week' ? 'Same week' : 'Same month', since }))
      const deepest = Math.max(0.01, ...groups.flatMap(({ people, opened }) => columns.map(({ since }) => (opened.get(since) ?? 0) / people)))
      shown = asTable(groups, columns, span(), today)
      fill(body, matrix({
        caption: 'Share of people that opened something, by when they were first written to', corner: `First ${span()}`, hue: 'open', columns,
        rows: groups.toReversed().map((group) => ({ ...group, title: [day(group.cohort), h('span', { class: 'muted' }, ` ${whole(group.people)} people`)] })),
        cell: ({ cohort, people, opened }, { since }) => {
          const left = between(span(), cohort, today) - since
          if (left < 0) return { text: '' }
          const count = opened.get(since) ?? 0
          const words = `${whole(count)} of ${whole(people)} people${left === 0 ? `, and the ${span()} is not over` : ''}`
          return { text: percent(count / people), depth: count / people / deepest, isSmall: people < 100, title: words }
        },
      }), h('p', { class: 'muted' }, 'Opens by people, machines left out; those of messages to several are nobody\'s. '
        + `${span() === 'week' ? 'Weeks begin on Monday' : 'Months are those'} in ${state.zone}. * fewer than 100 people.`), unfiltered())
    },
  })
}

// Whole weeks or months from a span's first day to another day.
function between(span, from, to) {
  const [one, other] = [new Date(from), new Date(to)]
  if (span === 'month') return (other.getUTCFullYear() - one.getUTCFullYear()) * 12 + other.getUTCMonth() - one.getUTCMonth()
  return Math.floor((other - one) / (7 * 86_400_000))
}

// What is still to come has no value; nobody in what is over is none.
function asTable(groups, columns, span, today) {
  const name = ({ since }) => `${span}_${since}`
  return {
    columns: [{ name: span }, { name: 'people' }, ...columns.map((column) => ({ name: name(column) }))],
    rows: groups.map(({ cohort, people, opened }) => ({
      [span]: cohort, people, ...Object.fromEntries(columns.map((column) => [name(column), column.since > between(span, cohort, today) ? null : opened.get(column.since) ?? 0])),
    })),
  }
}

const parts = {
  campaign: { title: 'Campaign', sql: "tags['campaign'][1]" }, configuration_set: { title: 'Configuration set', sql: 'configuration_set' },
  subject: { title: 'Subject', sql: 'subject' }, sender: { title: 'Sender', sql: 'sender' },
}

/**
 * The statement of conversions: each row of the dataset belongs to the last mail delivered to its address before it, or to the mail of its message id, if
 * it followed the mail's send request within so many days.
 */
export function conversionSQL({ dataset, key, column, time, days, part, range }) {
  const [name, at, by] = [dataset, time, column].map(identifier)
  const match = key === 'message' ? 'JOIN mails ON done.key = mails.message_id AND done.at >= mails.sent_at' : 'ASOF JOIN mails ON done.key = mails.person AND done.at >= mails.sent_at'
  return `WITH parts AS (
  SELECT message_id, any_value(${parts[part].sql}) AS part FROM events WHERE true${within('sent_at', range)} GROUP BY 1),
mails AS (
  SELECT message_id, lower(recipient) AS person, sent_at, part FROM messages LEFT JOIN parts USING (message_id)
  WHERE delivery_count > 0 AND recipient IS NOT NULL${within('sent_at', range)}),
done AS (
  SELECT ${key === 'message' ? `CAST(${by} AS VARCHAR)` : `lower(CAST(${by} AS VARCHAR))`} AS key, CAST(${at} AS TIMESTAMPTZ) AS at FROM ${name}
  WHERE ${by} IS NOT NULL AND ${at} IS NOT NULL),
followed AS (
  SELECT message_id, person, count(*) AS times FROM done ${match}
  WHERE done.at < mails.sent_at + INTERVAL ${Number(days)} DAY GROUP BY 1, 2)
SELECT part, count(*) AS mails, count(times) AS converted, CAST(coalesce(sum(times), 0) AS BIGINT) AS conversions
FROM mails LEFT JOIN followed USING (message_id, person) GROUP BY 1 ORDER BY converted DESC, mails DESC, part LIMIT 1000`
}

const spans = [1, 3, 7, 14, 30]

/** What people do after a mail, by a dataset that says when. */
export function conversion(view, { range }) {
  const memory = {}
  let shown = { columns: [], rows: [] }
  view.card({
    title: 'What follows a mail', hint: 'Rows of a dataset that come after a delivered mail; each belongs to the last mail before it.', csv: () => csv(shown),
    load: async (signal) => {
      if (!may('analyst')) return { isForbidden: true }
      const known = (await knownDatasets()).map(timed).filter(Boolean)
      const chosen = known.find(({ name }) => name === state.get('after')) ?? known[0]
      const part = state.get('per') in parts ? state.get('per') : 'campaign'
      const days = spans.includes(Number(state.get('days'))) ? Number(state.get('days')) : 7
      if (!chosen) return { known }
      const time = chosen.times.includes(state.get('time')) ? state.get('time') : chosen.times[0]
      return { known, chosen, part, days, time, rows: await run(conversionSQL({ dataset: chosen.name, ...chosen.key, time, days, part, range: await range(signal) }), signal) }
    },
    isEmpty: ({ chosen }) => !chosen, empty: ({ isForbidden }) => (isForbidden ? forbidden() : noTimes()),
    draw: (body, { known, chosen, part, days, time, rows }) => {
      for (const row of rows) row.rate = row.mails ? row.converted / row.mails : null
      const sum = (name) => rows.reduce((all, row) => all + row[name], 0)
      const totals = { mails: sum('mails'), converted: sum('converted'), conversions: sum('conversions') }
      const columns = [
        text('part', parts[part].title), number('mails', 'Mails delivered'), number('converted', 'Followed'),
        number('rate', 'Share', 'ratio'), number('conversions', `Rows of ${chosen.name}`),
      ]
      shown = { columns, rows }
      fill(body,
        h('div', { class: 'fields' },
          field('Dataset', 'after', known.map(({ name }) => [name, name])),
          field('When', 'time', chosen.times.map((name) => [name, name])),
          field('Within', 'days', spans.map((count) => [String(count), count === 1 ? '1 day' : `${count} days`]), '7'),
          field('By', 'per', Object.entries(parts).map(([name, { title }]) => [name, title]))),
        h('p', {}, `${whole(totals.converted)} of ${whole(totals.mails)} mails (${totals.mails ? percent(totals.converted / totals.mails) : '–'}) were followed by `
          + `${whole(totals.conversions)} rows of ${chosen.name} within ${days === 1 ? 'a day' : `${days} days`}, by ${time}.`),
        table({
          rows: rows.map((row) => ({ ...row, sample_too_small: row.mails < 100 ? ['rate'] : [] })), row_count: rows.length,
          totals: { ...totals, rate: totals.mails ? totals.converted / totals.mails : null },
        }, {
          columns, bar: 'converted', memory, totals: true, compare: false, caption: 'What follows a mail', link: (row) => state.linkWith(part, row.part),
        }), unfiltered())
    },
  })
}

// A dataset that says when something was and for whom.
function timed(dataset) {
  const times = dataset.columns.filter(({ type }) => /^(TIMESTAMP|DATE)/.test(type)).map(({ name }) => name)
  const key = probableKey(dataset)
  return times.length && key ? { name: dataset.name, times, key } : null
}

const noTimes = () => h('div', { class: 'empty' },
  h('p', {}, 'No dataset of yours has a time and an address or a message id. With one, such as of orders, this says which mails they followed.'),
  h('pre', {}, 'sesame dataset add orders orders.csv   # email,ordered_at,amount'))
