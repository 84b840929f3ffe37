// Why mail bounced, waited or was complained about.

import { h } from '../dom.js'
import { state } from '../state.js'
import { ask } from '../api.js'
import { value } from '../format.js'
import { nothing } from '../parts/card.js'
import { colour, together } from '../parts/chart.js'
import { grouped } from '../parts/group.js'
import { ranked } from '../parts/ranked.js'
import { text, table, columnsOf, filtering } from '../parts/table.js'
import { timeChart, grain } from '../parts/time.js'

/** How often each value of some dimensions was the reason: a part of an answer of more. */
export const partOf = (load, by, of) => async (signal) => {
  const answer = await load(signal)
  return { ...grouped(answer, by, [of]), isPart: answer.row_count > answer.rows.length }
}

/** A card of that. */
export const reason = (view, row, { of, by, load, ...more }) => ranked(view, row, { ...more, bar: of, by: by[0], part: partOf(load, by, of), totals: true })

/** Bounces by what the remote server meant, by SES's type, and by its code. */
export function bounces(view, { reasons }) {
  why(view, reasons)
  const row = view.row()
  reason(view, row, { title: 'Bounces by type', of: 'bounces', by: ['bounce_subtype', 'bounce_type'], load: reasons, none: 'Nothing bounced in this period.' })
  reason(view, row, {
    title: 'Bounces by SMTP status', hint: '5 is for good, 4 for now', of: 'bounces', by: ['smtp_status', 'diagnostic_class'], load: reasons, none: 'Nothing bounced in this period.',
    drawn: { smtp_status: (row) => (row.smtp_status ? h('code', {}, row.smtp_status) : '(none)') },
  })
}

// The class of each reply, with its words. A reply names an address or a number of its own, so those that differ in no more are one.
function why(view, reasons) {
  const query = { metrics: ['bounces'], dimensions: ['diagnostic_class', 'diagnostic'], filters: [{ field: 'event_type', value: 'Bounce' }], order: ['-bounces'], limit: 2_000, compare: false }
  view.card({
    title: 'Why mail bounced', hint: 'What the remote server’s reply means, and its own words.', csv: () => query,
    load: async (signal) => {
      const [all, replies] = await Promise.all([reasons(signal), ask(query, signal)])
      return { answer: grouped(all, ['diagnostic_class'], ['bounces']), replies: alike(replies.rows) }
    },
    isEmpty: ({ answer }) => !answer.rows.length, empty: () => nothing('Nothing bounced in this period.'),
    draw: (body, { answer, replies }) => {
      const columns = [...columnsOf(answer, view.words), text('replies', 'Replies met most, one of each kind')]
      const drawn = { replies: (row) => examples(replies.filter((reply) => reply.diagnostic_class === row.diagnostic_class)) }
      body.append(table(answer, { columns, bar: 'bounces', link: filtering('diagnostic_class'), caption: 'Why mail bounced', shown: 12, drawn }))
    },
  })
}

const examples = (replies) => h('ul', { class: 'replies' }, replies.slice(0, 2).map(({ diagnostic, count }) =>
  h('li', {}, h('a', { href: state.linkWith('diagnostic', diagnostic), class: 'row-link mono' }, diagnostic), count > 1 && h('span', { class: 'muted' }, ` and ${value(count - 1, 'count')} alike`))))

/** Replies that are the same but for addresses, numbers and names of a message: one of each, with how many there are. */
export function alike(rows) {
  const kinds = new Map()
  for (const { diagnostic_class, diagnostic, bounces } of rows) {
    if (!diagnostic) continue
    const words = diagnostic.replaceAll(/\S+@\S+/g, '@').replaceAll(/[\w-]*\d[\w-]{5,}|\b[A-Z0-9]{6,}\b/g, '#')
    const key = `${diagnostic_class} ${words}`
    if (!kinds.has(key)) kinds.set(key, { diagnostic_class, diagnostic, count: 0 })
    kinds.get(key).count += bounces
  }
  return [...kinds.values()].sort((one, other) => other.count - one.count)
}

/** Delays by type, those still open by domain, and how long mail takes. */
export function delays(view, { reasons, course, providers }) {
  latency(view, course, providers)
  const row = view.row()
  reason(view, row, { title: 'Delays by type', hint: 'each time SES reported one', of: 'delays', by: ['delay_type'], load: reasons, none: 'SES delayed nothing in this period.' })
  ranked(view, row, {
    title: 'Delays still open', hint: 'nothing was heard since', bar: 'open_delays', by: 'recipient_domain', none: 'No delayed mail waits for an outcome.',
    query: () => ({
      metrics: ['open_delays', 'delayed_mails'], dimensions: ['recipient_domain'], having: [{ field: 'open_delays', op: 'gt', value: 0 }],
      filters: [{ field: 'event_type', value: 'DeliveryDelay' }], order: ['-open_delays'], limit: 1_000, compare: false,
    }),
  })
}

const percentiles = [['time_to_deliver_p50', 'p50', 'delay'], ['time_to_deliver_p90', 'p90', 'muted'], ['time_to_deliver_p99', 'p99', 'ink']]

function latency(view, course, providers) {
  const row = view.row()
  const names = percentiles.map(([name]) => name)
  view.card({
    title: 'Time to deliver', hint: 'from SES’s acceptance to the handover', width: 'half', csv: () => ({ metrics: names, dimensions: [grain()] }), png: true,
    load: course, isEmpty: ({ rows }) => rows.every((one) => names.every((name) => one[name] === null)), empty: () => nothing('Nothing was delivered in this period.'),
    draw: (body, answer) => {
      return together('latency', timeChart(body, answer, {
        dimension: grain(), unit: 'milliseconds', isLog: true, height: 280,
        series: percentiles.map(([metric, title, hue]) => ({ metric, title, colour: () => colour(hue) })), label: 'Time to deliver, p50, p90 and p99, over time',
      }))
    },
  }, row)
  view.card({
    title: 'Time to deliver by provider', width: 'half', csv: () => ({ metrics: [...names, 'deliveries'], dimensions: ['isp'], order: ['-deliveries'], compare: false }),
    load: providers, isEmpty: ({ rows }) => rows.every((one) => one.time_to_deliver_p50 === null), empty: () => nothing('Nothing was delivered in this period.'),
    draw: (body, answer) => {
      const all = columnsOf(answer, view.words)
      const columns = ['isp', 'deliveries', ...names].map((name) => all.find((column) => column.name === name))
        .map((column) => ({ ...column, title: percentiles.find(([name]) => name === column.name)?.[1] ?? column.title }))
      const rows = answer.rows.filter((one) => one.deliveries).toSorted((one, other) => other.deliveries - one.deliveries)
      body.append(table({ ...answer, rows }, { columns, bar: 'time_to_deliver_p90', link: filtering('isp'), caption: 'Time to deliver by mailbox provider' }))
    },
  }, row)
}

/** Complaints by what the provider calls them, and by who sends them. */
export function complaints(view, { reasons, providers }) {
  const row = view.row()
  const none = 'Nobody complained in this period. Gmail sends SES no complaints: look at Google Postmaster Tools.'
  reason(view, row, { title: 'Complaints by type', of: 'complaints', by: ['complaint_type'], load: reasons, none })
  reason(view, row, { title: 'Complaints by provider', hint: 'Gmail sends SES none', of: 'complaints', by: ['isp'], load: providers, none })
}
