// A message's journey: every event in its order, with the gaps, the replies and all fields.

import { h, fill } from '../dom.js'
import { state } from '../state.js'
import { call } from '../api.js'
import { capital, instant, whole } from '../format.js'
import { journey } from '../parts/journey.js'
import { csv } from '../parts/csv.js'
import { choice } from '../parts/menu.js'
import { fateMark, fateTone, fateWords, recipientName } from '../parts/fate.js'

const columns = ['event_at', 'event_type', 'recipients', 'means', 'says', 'is_machine', 'machine_rule', 'event_id']

export const page = {
  title: 'Message',
  draw(view) {
    const id = decodeURIComponent(location.pathname.split('/')[2])
    const load = once((signal) => call('GET', `/api/v1/messages/${encodeURIComponent(id)}`, { signal }))
    const shown = (events) => (state.get('machines') === 'hidden' ? events.filter((event) => !event.is_machine) : events)
    view.card({ quiet: true, load: load.anew, draw: (body, answer) => drawHead(view, body, answer) })
    view.card({
      title: 'Journey',
      actions: () => choice('Machines', 'machines', [['shown', 'With machines'], ['hidden', 'Without machines']], { isLook: true }),
      csv: async () => csv({ columns, rows: shown((await load.again()).events) }),
      load: load.again,
      draw: (body, { events, recipients, is_cut: isCut }) => {
        body.append(journey(shown(events), { several: recipients.length > 1 }))
        if (isCut) body.append(h('p', { class: 'muted' }, `The first ${whole(events.length)} events are shown; SQL shows all.`))
        if (shown(events).length < events.length) body.append(h('p', { class: 'muted' }, `${whole(events.length - shown(events).length)} events of machines are hidden.`))
      },
    })
  },
}

// Two cards show one answer.
function once(load) {
  let answer = null
  return { anew: (signal) => (answer = load(signal)), again: () => answer }
}

function drawHead(view, body, { message_id: id, events, recipients }) {
  const first = (name) => events.find((event) => event[name] !== null)?.[name]
  const subject = first('subject') ?? '(no subject)'
  fill(view.root.querySelector('h1'), subject)
  document.title = `${subject} · Sesame`
  const mails = recipients.filter((one) => one.recipient !== null)
  view.say(...answerOf(mails.length ? mails : recipients, events))
  const tags = Object.entries(first('tags') ?? {}).filter(([name]) => !name.startsWith('ses:'))
  fill(body, h('dl', { class: 'facts' },
    fact('To', mails.length > 1 ? h('ul', {}, mails.slice(0, 50).map((one) => h('li', {}, recipientName(one.recipient), ' ', fateMark(one.state)))) : mails.map((one) => [recipientName(one.recipient), ' ', fateMark(one.state)])),
    fact('From', first('sender')),
    fact('Sent', `${instant(first('sent_at'), state.zone)} ${state.zone}`),
    fact('Configuration set', first('configuration_set') && filterLink('configuration_set', first('configuration_set'))),
    fact('Tags', tags.length ? h('ul', {}, tags.map(([name, values]) => h('li', {}, filterLink(`tag:${name}`, values[0], `${name} = ${values.join(', ')}`)))) : null),
    fact('Message id', h('code', {}, id))))
}

const fact = (title, content) => (content ? [h('dt', {}, title), h('dd', {}, content)] : null)

const filterLink = (field, value, text = value) =>
  h('a', { href: state.link('/people', { filters: [{ field, op: 'is', values: [value] }] }) }, text)

function answerOf(mails, events) {
  if (mails.length === 1) {
    const { state: reached } = mails[0]
    const last = events.findLast((event) => ['Bounce', 'DeliveryDelay', 'Reject', 'Rendering Failure', 'Complaint'].includes(event.event_type))
    const bad = ['danger', 'warn'].includes(fateTone(reached))
    const engaged = events.filter((event) => ['Open', 'Click'].includes(event.event_type))
    if (['opened', 'clicked'].includes(reached) && engaged.every((event) => event.is_machine)) return ['It was delivered. Machines opened it or followed its links, and no person yet.', 'ok']
    return [`${capital(fateWords(reached))}.${bad && last?.means ? ` ${last.means}` : ''}`, fateTone(reached)]
  }
  const counts = [...Map.groupBy(mails, (mail) => mail.state)].map(([reached, list]) => `${whole(list.length)} ${reached}`)
  return [`${whole(mails.length)} recipients: ${counts.join(', ')}.`, mails.some((mail) => fateTone(mail.state) === 'danger') ? 'danger' : '']
}
