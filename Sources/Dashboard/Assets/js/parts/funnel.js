// How many are left at each step, and in words how many were lost on the way there.

import { h } from '../dom.js'
import { whole, percent } from '../format.js'
import { colourOf } from './chart.js'
import { explained } from './words.js'

/**
 * A funnel.
 *
 * @param steps `{ title, value, metric, lost }` each, the first the whole; `lost` says in words what those are that are missing since the step before.
 */
export function funnel(steps) {
  const all = steps[0].value
  return h('ol', { class: 'funnel' }, steps.map((step, index) => [
    index > 0 && h('li', { class: 'funnel-loss muted' }, loss(steps[index - 1], step)),
    h('li', { class: 'funnel-step', ...explained(step.metric) },
      h('span', { class: 'funnel-title' }, step.title),
      h('span', { class: 'funnel-track', 'aria-hidden': 'true' },
        h('span', { class: 'funnel-bar', style: { width: `${all ? Math.min(100, (step.value / all) * 100) : 0}%`, background: colourOf(step.metric.name) } })),
      h('span', { class: 'funnel-value' }, whole(step.value), index > 0 && all > 0 && h('span', { class: 'muted' }, ` ${percent(step.value / all)}`)))]))
}

function loss(before, step) {
  const lost = before.value - step.value
  if (lost < 0) return `${whole(-lost)} more: of mail from before this period`
  if (lost === 0) return 'None lost'
  return `${whole(lost)} ${step.lost} (${percent(lost / before.value)} of those above)`
}
