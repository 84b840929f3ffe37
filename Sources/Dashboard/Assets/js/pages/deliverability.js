// Whether mail arrives: the rates over time, each provider beside the others, and why mail bounced, waited, was complained about or never left.

import { h } from '../dom.js'
import { state } from '../state.js'
import { ask } from '../api.js'
import { percent, whole } from '../format.js'
import { board } from '../parts/board.js'
import { emptyPeriod } from '../parts/empty.js'
import { matrix } from '../parts/matrix.js'
import { grain } from '../parts/time.js'
import { verdict } from './deliverability-verdict.js'
import { bounces, delays, complaints } from './deliverability-reasons.js'
import { suppression, unsent } from './deliverability-lists.js'

const tiles = [
  'delivery_rate', 'bounce_rate', 'hard_bounces', 'soft_bounces', 'undetermined_bounces', 'complaint_rate',
  'delay_rate', 'open_delays', 'time_to_deliver_p50', 'suppressed', 'rejects', 'rendering_failures',
]
const times = ['time_to_deliver_p50', 'time_to_deliver_p90', 'time_to_deliver_p99']
const byProvider = ['sends', 'deliveries', 'hard_bounces', 'soft_bounces', 'undetermined_bounces', 'delayed_mails', 'complaints', 'bounce_rate', 'counted_bounces', ...times]

/** What the page asks. Cards that ask the same share one answer. */
export const questions = {
  course: (signal) => ask(courseQuery(['sends', 'deliveries', 'bounces', 'eligible_sends', 'counted_bounces', 'delayed_mails']), signal),
  providers: (signal) => ask({ metrics: byProvider, dimensions: ['isp'], order: ['-sends'], limit: 100, compare: false }, signal),
  reasons: (signal) => ask({
    metrics: ['bounces', 'delays', 'complaints', 'rejects', 'rendering_failures'],
    dimensions: ['event_type', 'bounce_type', 'bounce_subtype', 'diagnostic_class', 'smtp_status', 'delay_type', 'complaint_type', 'reject_reason', 'template', ...failureMessage()],
    filters: [{ field: 'event_type', values: ['Bounce', 'DeliveryDelay', 'Complaint', 'Reject', 'Rendering Failure'] }],
    order: ['-bounces', '-delays'], limit: 10_000, compare: false,
  }, signal),
}
const courseQuery = (more = []) => ({ metrics: [...new Set([...tiles, ...times, ...more])], dimensions: [grain()] })

// SES says with a rendering failure what was missing; servers that know the dimension show it.
let hasMessages = false
const failureMessage = () => (hasMessages ? ['failure_message'] : [])

export const page = {
  title: 'Deliverability',
  draw(view) {
    hasMessages = view.words.dimensions.has('failure_message')
    overview(view)
    providers(view)
    bounces(view, questions)
    delays(view, questions)
    complaints(view, questions)
    suppression(view)
    unsent(view, questions, hasMessages)
  },
}

function overview(view) {
  view.card({
    title: 'What became of the mail', csv: () => courseQuery(), png: true,
    load: async (signal) => {
      const [answer, isps, reasons] = await Promise.all([questions.course(signal), questions.providers(signal), questions.reasons(signal)])
      return { answer, isps, reasons }
    },
    isEmpty: ({ answer }) => {
      const isEmpty = ['sends', 'deliveries', 'bounces', 'rejects', 'rendering_failures', 'delayed_mails'].every((name) => !answer.totals[name])
      if (isEmpty) view.say('No mail was sent in this period.')
      return isEmpty
    },
    empty: ({ answer }) => emptyPeriod(answer),
    draw: (body, { answer, isps, reasons }) => {
      const { text, tone } = verdict(answer.totals, isps.rows, reasons)
      view.say(text, tone)
      return board(view, body, { metrics: tiles, course: answer })
    },
  })
}

// The outcomes of the matrix, and the tile that each cell shows over time.
const outcomes = [
  { name: 'deliveries', title: 'Delivered', chart: null }, { name: 'hard_bounces', title: 'Hard bounce', chart: 'hard_bounces' },
  { name: 'soft_bounces', title: 'Soft bounce', chart: 'soft_bounces' }, { name: 'undetermined_bounces', title: 'Undetermined', chart: 'undetermined_bounces' },
  { name: 'delayed_mails', title: 'Delayed', chart: 'delay_rate' }, { name: 'complaints', title: 'Complaint', chart: 'complaint_rate' },
]

function providers(view) {
  view.card({
    title: 'By mailbox provider', hint: 'Parts of the mail sent there; the darker, the more in its column.',
    csv: () => ({ metrics: byProvider, dimensions: ['isp'], order: ['-sends'], limit: 100, compare: false }),
    load: questions.providers, isEmpty: ({ rows }) => !rows.length,
    draw: (body, { rows }) => body.append(matrix({
      corner: 'Mailbox provider', caption: 'Outcomes by mailbox provider',
      columns: [{ title: 'Sends', hint: view.metric('sends').meaning }, ...outcomes.map((outcome) => ({ ...outcome, hint: view.metric(outcome.name).meaning }))],
      rows: rows.map((row) => ({ title: row.isp ?? '(none)', row, href: state.linkWith('isp', row.isp) })),
      cell: ({ row }, { name, chart }) => cellOf(row, name, chart, rows),
    }), h('p', { class: 'muted' }, rows.some((row) => row.sends < 100) ? '* fewer than 100 mails: one more moves the part far.' : null)),
  })
}

function cellOf(row, name, chart, rows) {
  if (!name) return { text: whole(row.sends), href: state.linkWith('isp', row.isp) }
  if (!row.sends) return { text: row[name] ? whole(row[name]) : '–' }
  const part = (other) => (other.sends >= 100 ? other[name] / other.sends : 0)
  const most = Math.max(...rows.map(part))
  return {
    text: percent(row[name] / row.sends), isSmall: row.sends < 100,
    depth: name === 'deliveries' || row.sends < 100 || !most ? null : part(row) / most,
    title: `${whole(row[name])} of ${whole(row.sends)}`,
    href: state.linkWith('isp', row.isp, { chart }),
  }
}
