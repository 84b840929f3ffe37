// Whether a source works: its first event, seen as it comes, and a test that goes the way of the events.

import { h, fill } from '../dom.js'
import { call } from '../api.js'
import { ago, length, whole } from '../format.js'
import { trouble } from '../parts/card.js'

const period = 1_500
const patience = 30_000

/** Says when the first event of a source has come, as long as it can be seen. */
export function firstEvent(source) {
  const words = h('p', { class: 'first-event', role: 'status' })
  const show = ({ events, last_event_at }) => {
    // The counters are written every few seconds.
    const has = events > 0 && last_event_at
    words.classList.toggle('ok', Boolean(has))
    fill(words, has ? `First event received ✔ ${whole(events)} so far, the last ${ago(last_event_at)}.` : 'Waiting for the first event …')
  }
  show({ events: 0, ...source })
  const timer = setInterval(async () => {
    if (!words.isConnected) return clearInterval(timer)
    if (document.hidden) return
    try {
      const { sources } = await call('GET', '/api/v1/sources')
      const now = sources.find(({ name }) => name === source.name)
      if (now) show(now)
    } catch { /* It is asked again. */ }
  }, period)
  return words
}

/** A button that sends a test mail's events and says when they can be queried. */
export function testButton(source, done) {
  const result = h('span', { role: 'status' })
  const button = h('button', { class: 'quiet', onclick: send }, 'Send test event')
  async function send() {
    button.disabled = true
    result.className = 'muted'
    fill(result, 'Sent; waiting until it can be queried …')
    const start = performance.now()
    try {
      const { message_id, events } = await call('POST', `/api/v1/sources/${source.name}/test`)
      const took = await arrival(message_id, events, start)
      result.className = took === null ? 'warn-text' : 'ok-text'
      fill(result, took === null
        ? 'It is in the log and safe, but cannot be queried yet. Look at /health.'
        : `Test event received ✔ It could be queried after ${length(took)}.`)
      done()
    } catch (error) {
      fill(result, trouble(error))
    }
    button.disabled = false
  }
  return h('div', { class: 'test' }, h('div', { class: 'row-buttons' }, button, result),
    h('p', { class: 'muted' }, 'A send and a delivery to SES’s mailbox simulator that never were, marked sesame-test. They go through log and lake like real ones and count in no rate of the reputation.'))
}

// Milliseconds until all events of a message can be queried; null where patience ends.
async function arrival(message, count, start) {
  const body = { metrics: ['events'], filters: [{ field: 'message', value: message }], date_range: '24h' }
  while (performance.now() - start < patience) {
    const { totals } = await call('POST', '/api/v1/query', { body })
    if (totals.events >= count) return performance.now() - start
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
  return null
}
