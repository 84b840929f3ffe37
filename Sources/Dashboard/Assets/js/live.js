// Follows what comes in: the server says when there is something new, and the open page asks anew, at most every two seconds.

import { ago } from './format.js'

const dot = () => document.getElementById('live')
let last = null

/** Calls back when there are new events. */
export function follow(changed) {
  let version = null
  let waiting = null
  const events = new EventSource('/api/v1/live')
  events.addEventListener('message', (event) => {
    const news = JSON.parse(event.data)
    last = news.last_event_at
    mark('live')
    if (version !== null && version !== news.version && !document.hidden) {
      waiting ??= setTimeout(() => { waiting = null; changed() }, 300)
    }
    version = news.version
  })
  events.addEventListener('error', () => mark('away'))
  document.addEventListener('visibilitychange', () => { if (!document.hidden && version !== null) changed() })
  setInterval(() => mark(events.readyState === EventSource.OPEN ? 'live' : 'away'), 5_000)
}

function mark(condition) {
  const element = dot()
  if (!element) return
  element.className = `live ${condition}`
  element.textContent = condition === 'live' ? 'live' : 'not connected'
  element.title = condition === 'live'
    ? last ? `The last event was ${ago(last)}.` : 'No event has come yet.'
    : 'The page does not hear from Sesame; it tries again by itself.'
}
