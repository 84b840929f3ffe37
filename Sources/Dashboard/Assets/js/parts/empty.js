// What is said where there is nothing to show: why, and where there is something.

import { h } from '../dom.js'
import { state } from '../state.js'
import { ago } from '../format.js'

/** What to say of a period without mail: where there is some. */
export function emptyPeriod(answer) {
  const last = answer.freshness.last_event_at
  if (!last) {
    return h('div', { class: 'empty' }, h('p', {}, 'No event has come yet.'),
      h('p', {}, h('a', { href: state.link('/sources') }, 'Set up a source'), ', or import files: ', h('code', {}, 'sesame import FILES')))
  }
  return h('div', { class: 'empty' }, h('p', {}, `Nothing in this period. The last event was ${ago(last)}.`),
    h('p', {}, h('a', { href: state.link(location.pathname, { period: 'all', filters: [] }) }, 'Show all there is')))
}
