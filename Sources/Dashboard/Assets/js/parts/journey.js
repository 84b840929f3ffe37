// A message's events as a vertical timeline: time, gap, event, what it means, what was said, and all fields folded.

import { h } from '../dom.js'
import { state } from '../state.js'
import { instant, length } from '../format.js'
import { colourOf } from './chart.js'
import { recipientName } from './fate.js'

const hour = 3_600_000

/** The timeline of events in their order; `several` shows whom each is about. */
export function journey(events, { several = false } = {}) {
  let before = null
  return h('ol', { class: 'journey' }, events.map((event) => {
    const gap = before === null ? null : Date.parse(event.event_at) - Date.parse(before)
    const day = before === null || dayOf(before) !== dayOf(event.event_at)
    before = event.event_at
    return step(event, { gap, day, several })
  }))
}

const dayOf = (time) => instant(time, state.zone).slice(0, 10)
const milliseconds = (time) => /\.(\d{3})/.exec(time)?.[1] ?? '000'

function step(event, { gap, day, several }) {
  const shown = instant(event.event_at, state.zone)
  return h('li', { class: `${gap >= hour ? 'after-long ' : ''}${event.is_machine ? 'machine' : ''}` },
    h('div', { class: 'journey-time' },
      day && h('span', { class: 'journey-day' }, shown.slice(0, 10)),
      h('time', { datetime: event.event_at, title: `${event.event_at}, shown in ${state.zone}` }, `${shown.slice(11)}.${milliseconds(event.event_at)}`),
      gap !== null && h('span', { class: 'muted' }, `+ ${length(gap)}`)),
    h('div', { class: 'journey-mark', 'aria-hidden': 'true', style: { '--shade': colourOf(event.event_type) } }),
    h('div', { class: 'journey-step' },
      h('h3', {}, event.event_type, several && event.recipients.length > 0 && h('span', { class: 'journey-whom' }, ' ', whom(event.recipients)),
        machine(event)),
      event.means && h('p', {}, event.means),
      says(event),
      h('details', {}, h('summary', {}, 'All that SES said'), fields(event))))
}

const whom = (recipients) => [recipientName(recipients[0]), recipients.length > 1 ? ` and ${recipients.length - 1} more` : null]

function machine(event) {
  if (event.is_machine) return h('span', { class: 'tag-mark' }, `machine: ${event.machine_rule ?? 'unknown rule'}`)
  return event.machine_rule ? h('span', { class: 'tag-mark' }, `via ${event.machine_rule}`) : null
}

function says(event) {
  if (!event.says) return null
  const isReply = ['Delivery', 'Bounce', 'DeliveryDelay'].includes(event.event_type)
  return [
    h('pre', { class: 'reply', tabindex: '0', 'aria-label': isReply ? 'What the remote server said' : 'What it says' }, event.says),
    event.diagnostic_class && !['other', 'suppression list'].includes(event.diagnostic_class) && h('p', { class: 'muted' }, 'The reply reads as: ',
      h('a', { href: state.link('/deliverability', { filters: [{ field: 'diagnostic_class', op: 'is', values: [event.diagnostic_class] }] }) }, event.diagnostic_class), '.'),
  ]
}

// Text only becomes text, and JSON that cannot be read is shown as it is.
function fields(event) {
  let text = event.json
  try { text = JSON.stringify(JSON.parse(event.json), null, 2) } catch { /* As it is. */ }
  return h('pre', { tabindex: '0' }, text)
}
