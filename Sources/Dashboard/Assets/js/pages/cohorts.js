// Mails of the same week or month, and people first written to in it: what became of them, and whether they stay.

import { h, fill } from '../dom.js'
import { state } from '../state.js'
import { ask } from '../api.js'
import { day, percent } from '../format.js'
import { emptyPeriod } from '../parts/empty.js'
import { choice } from '../parts/menu.js'
import { timeChart } from '../parts/time.js'
import { table, columnsOf } from '../parts/table.js'
import { summary, pivot } from './cohorts-pivot.js'
import { retention, conversion } from './cohorts-people.js'

const metrics = ['sends', 'delivery_rate', 'bounce_rate', 'complaint_rate', 'open_rate', 'click_rate', 'unsubscribe_rate']

/** A week or a month: what a cohort is. */
export const span = () => (state.get('cohort') === 'month' ? 'month' : 'week')

const query = () => ({ metrics, dimensions: [span()], time_basis: 'sent', compare: false, order: [span()] })

export const page = {
  title: 'Cohorts',
  draw(view) {
    byTime(view)
    summary(view)
    pivot(view)
    retention(view, { span, range: async (signal) => (await ask(query(), signal)).date_range })
    conversion(view, { range: async (signal) => (await ask(query(), signal)).date_range })
  },
}

function byTime(view) {
  const memory = {}
  view.card({
    title: 'By when they were sent', hint: 'Everything that happened to a mail counts where it was sent.', csv: query, png: true,
    actions: () => choice('Cohorts of a', 'cohort', [['week', 'Weeks'], ['month', 'Months']]),
    load: (signal) => ask(query(), signal),
    isEmpty: (answer) => !answer.rows.length,
    empty: (answer) => {
      view.say('No mail was sent in this period.')
      return emptyPeriod(answer)
    },
    draw: (body, answer) => {
      view.say(sentence(answer))
      const area = h('div', { class: 'chart-above' })
      fill(body, area, h('div', { class: 'many-columns' }, table({ ...answer, rows: answer.rows.toReversed() }, {
        columns: columnsOf(answer, view.words), bar: 'sends', memory, totals: true, compare: false, caption: 'Cohorts of mails', shown: 14,
        link: (row) => state.link('/campaigns', { period: period(row[span()], answer) }),
        drawn: { [span()]: (row) => [day(row[span()]), h('span', { class: 'muted' }, cut(row[span()], answer))] },
      })))
      return timeChart(area, answer, { dimension: span(), unit: 'ratio', series: ['open_rate', 'click_rate'].map((metric) => ({ metric, title: view.metric(metric).title })) })
    },
  })
}

// The newest cohort whose mails had a week to be read, beside the one before it.
function sentence({ rows }) {
  const settled = rows.filter((row) => after(row[span()]) + 7 * dayMs <= Date.now() && row.sends > 0)
  const [before, last] = settled.slice(-2).length === 2 ? settled.slice(-2) : [null, settled.at(-1)]
  if (!last) return 'All mail of this period is younger than a week: wait for it to be read, or choose a longer period.'
  const of = (row) => `${span() === 'week' ? 'the week from ' : 'the month from '}${day(row[span()], false)}`
  const rates = (row) => `${shown(row.open_rate)} was opened by people and ${shown(row.click_rate)} clicked`
  const than = before ? `; of that of ${of(before)}, ${shown(before.open_rate)} and ${shown(before.click_rate)}` : ''
  return `Of the mail of ${of(last)}, ${rates(last)}${than}.`
}

const dayMs = 86_400_000
const shown = (rate) => (rate === null ? 'none' : percent(rate))
// When a cohort is over.
const after = (start) => (span() === 'week' ? Date.parse(start) + 7 * dayMs : Date.UTC(Number(start.slice(0, 4)), Number(start.slice(5, 7)), 1))
const last = (start) => new Date(after(start) - dayMs).toISOString().slice(0, 10)

function cut(start, { date_range: { from, to } }) {
  if (to && after(start) > Date.parse(to)) return ' not over'
  return from && Date.parse(start) < Date.parse(from) - dayMs ? ' in part' : ''
}

// The days of a cohort as a period, within the one that is shown.
function period(start, { date_range: { from } }) {
  const first = from && from.slice(0, 10) > start ? from.slice(0, 10) : start
  return `${first}..${last(start)}`
}
