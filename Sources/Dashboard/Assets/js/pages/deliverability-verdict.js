// The answer in words: how much arrived, what stood in the way of the rest, and where.

import { percent, whole } from '../format.js'
import { grouped } from '../parts/group.js'
import { bounceLines, complaintLines, standing } from '../parts/limits.js'

/** What a tired person must know of the mail's way. */
export function verdict(totals, providers, reasons) {
  const states = [standing(totals.bounce_rate, bounceLines), standing(totals.complaint_rate, complaintLines)]
  const tone = states.includes('danger') ? 'danger' : states.some((state) => state !== 'ok') ? 'warn' : ''
  return { text: [arrived(totals), bounced(totals, reasons), worst(totals, providers), waiting(totals)].filter(Boolean).join(' '), tone }
}

function arrived({ sends, deliveries }) {
  if (!sends) return `${whole(deliveries)} mails were delivered; none was sent in this period.`
  return deliveries > sends
    ? `All ${whole(sends)} mails and ${whole(deliveries - sends)} from before were delivered.`
    : `${percent(deliveries / sends)} of ${whole(sends)} mails were delivered.`
}

function bounced({ bounces, bounce_rate: rate }, reasons) {
  if (!bounces) return 'None bounced.'
  const [first] = grouped(reasons, ['diagnostic_class'], ['bounces']).rows
  const most = first?.diagnostic_class ? `, most for ${words(first.diagnostic_class)} (${percent(first.share)})` : ''
  return `${whole(bounces)} bounced${most}${rate === null ? '' : `; AWS counts a bounce rate of ${percent(rate)}`}.`
}

const words = (reason) => ({ 'unknown recipient': 'an unknown recipient', 'mailbox full': 'a full mailbox', 'inactive account': 'an inactive account', 'server unreachable': 'a server that could not be reached', 'suppression list': 'being on a suppression list' })[reason] ?? reason

// The provider that stands out: at least 100 mails there, five bounces that count, and half as much again as all have.
function worst({ bounce_rate: rate }, providers) {
  const found = providers.filter((row) => row.sends >= 100 && row.counted_bounces >= 5 && row.bounce_rate > rate * 1.5)
    .sort((one, other) => other.bounce_rate - one.bounce_rate)[0]
  return found ? `Worst at ${found.isp}: ${percent(found.bounce_rate)}.` : ''
}

const waiting = ({ open_delays: open }) => (open ? `${whole(open)} delayed ${open === 1 ? 'mail is' : 'mails are'} still without an outcome.` : '')
