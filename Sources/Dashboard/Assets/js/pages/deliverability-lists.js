// Who is on a suppression list and since when; what SES refused to send and could not render.

import { h } from '../dom.js'
import { state } from '../state.js'
import { ask } from '../api.js'
import { day } from '../format.js'
import { nothing } from '../parts/card.js'
import { csv } from '../parts/csv.js'
import { number, text, table } from '../parts/table.js'
import { reason } from './deliverability-reasons.js'

const most = 10_000
const stopped = {
  metrics: ['suppressed'], dimensions: ['recipient', 'bounce_subtype', 'complaint_subtype', 'day'],
  filters: [{ field: 'event_type', values: ['Bounce', 'Complaint'] }], having: [{ field: 'suppressed', op: 'gt', value: 0 }], order: ['-day'], limit: most, compare: false,
}
const columns = [
  text('recipient', 'Recipient'), text('why', 'Why'), text('since', 'First stopped'), text('last', 'Last stopped'), number('suppressed', 'Mails stopped'),
]

/** Whom a suppression list keeps mail from. */
export function suppression(view) {
  const load = async (signal) => people(await ask(stopped, signal))
  view.card({
    title: 'Suppression', hint: 'Whose mail a suppression list stopped in this period, and which.',
    load, csv: async () => csv(await load()), isEmpty: ({ rows }) => !rows.length,
    empty: () => nothing('No mail was stopped by a suppression list in this period.'),
    draw: (body, answer) => body.append(
      h('p', { class: 'muted' }, `${answer.rows.length} ${answer.rows.length === 1 ? 'address' : 'addresses'}. Take one off the account’s list with `, h('code', {}, 'aws sesv2 delete-suppressed-destination --email-address ADDRESS'),
        answer.isPart ? '. The list is too long for this page: only the newest are here.' : '.'),
      table(answer, {
        columns: columns.map((column) => ({ ...column, metric: view.metric(column.name) })), caption: 'Suppressed recipients', link: (row) => row.recipient && state.linkWith('recipient', row.recipient),
        drawn: { why: (row) => meaning[row.why] ?? row.why ?? '(none)', since: (row) => day(row.since), last: (row) => day(row.last) },
      })),
  })
}

// SES's names of lists are long, and people ask whose list it is.
const meaning = {
  OnAccountSuppressionList: 'Account’s list (OnAccountSuppressionList)', OnTenantSuppressionList: 'Tenant’s list (OnTenantSuppressionList)',
  Suppressed: 'SES’s global list (Suppressed)', EmailValidationSuppressed: 'Failed validation (EmailValidationSuppressed)',
  UnsubscribedRecipient: 'Unsubscribed (UnsubscribedRecipient)',
}

/** An answer by day as one row for each address and list. */
export function people(answer) {
  const found = new Map()
  for (const row of answer.rows) {
    const why = row.bounce_subtype ?? row.complaint_subtype
    const key = JSON.stringify([row.recipient, why])
    const one = found.get(key) ?? { recipient: row.recipient, why, since: row.day, last: row.day, suppressed: 0 }
    found.set(key, { ...one, since: row.day < one.since ? row.day : one.since, last: row.day > one.last ? row.day : one.last, suppressed: one.suppressed + row.suppressed })
  }
  const rows = [...found.values()].sort((one, other) => (one.last < other.last ? 1 : one.last > other.last ? -1 : one.recipient < other.recipient ? -1 : 1))
  return { columns, rows, totals: {}, row_count: rows.length, isPart: answer.row_count > answer.rows.length }
}

/** What never left SES. */
export function unsent(view, { reasons }, hasMessages) {
  const row = view.row()
  reason(view, row, { title: 'Rejects', hint: 'SES refused to send them', of: 'rejects', by: ['reject_reason'], load: reasons, none: 'SES rejected nothing in this period.' })
  reason(view, row, {
    title: 'Rendering failures', hint: 'templates that could not be filled', of: 'rendering_failures', by: hasMessages ? ['template', 'failure_message'] : ['template'],
    load: reasons, none: 'Every template could be filled in this period.', drawn: { failure_message: (one) => h('code', {}, one.failure_message ?? '(none)') },
  })
}
