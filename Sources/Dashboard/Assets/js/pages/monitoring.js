// The 25 visuals of AWS's sample "SES Monitoring Dashboard", under their own titles and in their own places. Those "(30 Days)" show the last 30 days, whatever
// the period is. An event counts once; the sample counted one for each pair of its addresses.

import { h } from '../dom.js'
import { state } from '../state.js'
import { ask } from '../api.js'
import { whole, percent } from '../format.js'
import { nothing } from '../parts/card.js'
import { csv } from '../parts/csv.js'
import { emptyPeriod } from '../parts/empty.js'
import { grouped } from '../parts/group.js'
import { tile } from '../parts/tile.js'
import { grain } from '../parts/time.js'
import { pie, barsBySpan, barsBySender, rank } from './monitoring-charts.js'

const month = { date_range: '30d', compare: false, limit: 10_000, order: ['-events'] }
const only = (types) => [{ field: 'event_type', values: types }]

// Five questions for 25 visuals.
const questions = {
  bySpan,
  byDomain: (signal) => ask({ metrics: ['events'], dimensions: ['recipient_domain'], order: ['-events'], limit: 10_000, compare: false }, signal),
  bySender: (signal) => ask({ ...month, metrics: ['events'], dimensions: ['event_type', 'sender'] }, signal),
  bySubject: (signal) => ask({ ...month, metrics: ['events'], dimensions: ['event_type', 'sender', 'subject'], filters: only(['Bounce', 'Complaint', 'Open', 'Click']) }, signal),
  bySenderAndDomain: (signal) => ask({ ...month, metrics: ['events'], dimensions: ['event_type', 'sender', 'recipient_domain'], filters: only(['Bounce', 'Complaint']) }, signal),
}

// By days, as the sample; where they are too many to be seen, by weeks or months. Each answer is whole.
async function bySpan(signal) {
  const all = ['hour', 'day', 'week', 'month']
  const first = state.period === 'all' ? 'day' : grain()
  for (const span of all.slice(all.indexOf(first))) {
    const answer = await ask({ metrics: ['events', 'senders'], dimensions: [span, 'event_type', 'sender'], limit: 10_000, compare: false }, signal)
    const spans = new Set(answer.rows.map((row) => row[span])).size
    if (span === 'month' || (answer.row_count <= 10_000 && spans <= 130)) return { ...answer, span }
  }
}

export const page = {
  title: 'SES Monitoring Dashboard',
  draw(view) {
    // Its users know it with all that there is; the menu says so.
    if (!state.get('period')) state.set({ period: 'all' }, { replace: true })
    figures(view)
    const grid = h('div', { class: 'monitoring' })
    view.add(grid)
    for (const visual of visuals) visual(view, grid)
  },
}

const kpis = [['Sends', 'Send'], ['Deliveries', 'Delivery'], ['Bounces', 'Bounce'], ['Complaints', 'Complaint'], ['Open Count', 'Open'], ['Click Count', 'Click']]

function figures(view) {
  const load = async (signal) => {
    const [spans, recent] = await Promise.all([questions.bySpan(signal), questions.bySender(signal)])
    const types = new Map(grouped(recent, ['event_type'], ['events']).rows.map((row) => [row.event_type, row.events]))
    const count = ([title, type]) => ({ title: `${title} (30 Days)`, type, value: types.get(type) ?? 0 })
    return { spans, rows: [{ title: 'Sender Identities', value: spans.totals.senders }, ...kpis.map(count)], events: spans.totals.events }
  }
  view.card({
    hint: 'Every event counts once.', load,
    csv: async () => csv({ columns: [{ name: 'title' }, { name: 'value' }], ...(await load()) }),
    isEmpty: ({ events, rows }) => !events && rows.every((row) => !row.value), empty: ({ spans }) => { view.say('No event in this period.'); return emptyPeriod(spans) },
    draw: (body, { rows, events }) => {
      const [senders, sends, , bounces, complaints] = rows.map((row) => row.value)
      const share = (part) => (sends ? ` (${percent(part / sends)} of ${whole(sends)} sends)` : '')
      view.say(`${whole(events)} events of ${whole(senders)} ${senders === 1 ? 'sender' : 'senders'}. In the last 30 days: ${whole(bounces)} bounces${share(bounces)}, ${whole(complaints)} complaints${share(complaints)}.`)
      body.append(h('div', { class: 'tiles kpis' }, rows.map(({ title, type, value }) => tile({
        metric: { ...view.metric(type ? 'events' : 'senders'), name: type ?? 'senders', title, good_direction: 'neutral' }, row: { [type ?? 'senders']: value },
        href: type ? state.linkWith('event_type', type) : state.link('/campaigns', { key: 'identity' }),
      }))))
    },
  })
}

/** A visual in its place: `find` gives the rows that `chart(body, data, title)` draws. Senders have their colours before the first is drawn. */
const visual = (title, width, find, chart) => (view, grid) => {
  const load = async (signal) => {
    rank(grouped(await questions.bySender(signal), ['sender'], ['events']).rows.map((row) => row.sender))
    return find(signal)
  }
  view.card({
    title, width, load, csv: async () => csv(await load()), png: true,
    isEmpty: (data) => !data.rows.length, empty: () => nothing(title.includes('30 Days') ? 'None in the last 30 days.' : 'None in this period.'),
    draw: (body, data) => {
      const drawn = chart(body, data, title)
      if (data.isPart) body.append(h('p', { class: 'muted' }, 'Only the most frequent are here: there are too many for one answer. A filter shows all.'))
      return drawn
    },
  }, grid)
}

const ofType = (type) => (row) => !type || row.event_type === type

const spans = (title, type, by, width) => visual(title, width,
  async (signal) => {
    const answer = await bySpan(signal)
    return { ...grouped(answer, [answer.span, by], ['events'], ofType(type)), span: answer.span, by, date_range: answer.date_range }
  }, barsBySpan)

const pies = (title, question, by, type, width) => visual(title, width,
  async (signal) => ({ ...grouped(await questions[question](signal), [by], ['events'], ofType(type)), by }), pie)

const senders = (title, question, by, type, width) => visual(title, width,
  async (signal) => {
    const answer = await questions[question](signal)
    return { ...grouped(answer, ['sender', by], ['events'], ofType(type)), by, isPart: answer.row_count > answer.rows.length }
  }, barsBySender)

const visuals = [
  spans('Event Count', null, 'event_type', 'half'), pies('Mailing List Distribution', 'byDomain', 'recipient_domain', null, 'half'),
  spans('Sender Volumes', 'Send', 'sender', 'half'), pies('Sender Volumes (30 Days)', 'bySender', 'sender', 'Send', 'half'),
  spans('Bounce Volumes', 'Bounce', 'sender', 'half'), pies('Bounce Volumes (30 Days)', 'bySender', 'sender', 'Bounce', 'half'),
  senders('Bounce Volumes By Subject (30 Days)', 'bySubject', 'subject', 'Bounce', 'half'),
  senders('Bounce Volumes by Recipient Domain (30 Days)', 'bySenderAndDomain', 'recipient_domain', 'Bounce', 'half'),
  spans('Complaint Volumes', 'Complaint', 'sender', 'half'), pies('Complaint Volumes (30 Days)', 'bySender', 'sender', 'Complaint', 'half'),
  senders('Complaint Volumes By Subject (30 Days)', 'bySubject', 'subject', 'Complaint', 'half'),
  senders('Complaint Volumes by Recipient Domain (30 Days)', 'bySenderAndDomain', 'recipient_domain', 'Complaint', 'half'),
  spans('Open Count', 'Open', 'sender', 'ten'), pies('Open Count (30 Days)', 'bySender', 'sender', 'Open', 'ten'), senders('Open Count By Subject (30 Days)', 'bySubject', 'subject', 'Open', 'ten'),
  spans('Click Count', 'Click', 'sender', 'ten'), pies('Click Count (30 Days)', 'bySender', 'sender', 'Click', 'ten'), senders('Click Count By Subject (30 Days)', 'bySubject', 'subject', 'Click', 'ten'),
]
