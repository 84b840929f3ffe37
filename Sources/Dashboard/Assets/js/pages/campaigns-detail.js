// One campaign: its numbers beside the others' median, its course since the first send, its funnel, links, providers and bounces.

import { h } from '../dom.js'
import { state } from '../state.js'
import { ask } from '../api.js'
import { whole, value, day } from '../format.js'
import { emptyPeriod } from '../parts/empty.js'
import { board } from '../parts/board.js'
import { bounceLines, complaintLines, standing } from '../parts/limits.js'
import { choice } from '../parts/menu.js'
import { funnel } from '../parts/funnel.js'
import { ranked } from '../parts/ranked.js'
import { grain } from '../parts/time.js'
import { campaignKey, campaigns, keyTitle, nameOf, rates } from './campaigns-key.js'
import { beside, medians, sampleOf } from './campaigns-verdict.js'

const tiles = ['sends', ...rates]
const steps = ['deliveries', 'unique_human_opens', 'unique_human_clicks']

const name = () => (state.get('name') === '' ? null : state.get('name'))
// The API's own form of the page's campaign, in the time of the mail unless something else is said.
const of = (query) => ({ time_basis: 'sent', ...query, filters: [{ field: campaignKey(), op: 'is', values: [name()] }, ...(query.filters ?? [])] })
const totals = (signal) => ask(of({ metrics: [...tiles, ...steps, 'reach', 'eligible_sends'] }), signal)
const course = () => of({ metrics: tiles, dimensions: [grain()], ...(state.get('basis') === 'event' ? { time_basis: 'event' } : {}) })

/** The page of the campaign that the address names. */
export function detail(view) {
  view.add(h('p', { class: 'crumb' }, h('a', { href: state.link('/campaigns', { key: state.get('key') }) }, 'All campaigns'), ' / ', keyTitle(), ' ', h('strong', {}, nameOf(name()))))
  overview(view)
  const halves = view.row()
  view.card({
    title: 'From sent to clicked', width: 'half', hint: 'People alone, no machines.', csv: () => of({ metrics: ['sends', ...steps] }), load: totals,
    isEmpty: (answer) => !answer.totals.sends,
    draw: (body, { totals: row }) => body.append(funnel([
      { title: 'Sent', value: row.sends, metric: view.metric('sends') },
      { title: 'Delivered', value: row.deliveries, metric: view.metric('deliveries'), lost: 'not delivered' },
      { title: 'Opened', value: row.unique_human_opens, metric: view.metric('unique_human_opens'), lost: 'not opened by a person' },
      { title: 'Clicked', value: row.unique_human_clicks, metric: view.metric('unique_human_clicks'), lost: 'not clicked in' },
    ])),
  }, halves)
  most(view, halves, {
    title: 'Why mails bounced', by: 'diagnostic_class', bar: 'bounces', none: 'No mail bounced in this period.', type: 'Bounce',
    metrics: ['bounces', 'counted_bounces'], dimensions: ['diagnostic_class', 'bounce_type'],
  })
  most(view, undefined, {
    title: 'Links', width: 'full', by: 'link', bar: 'unique_human_clicks', none: 'Nobody clicked in it in this period.', type: 'Click',
    metrics: ['unique_human_clicks', 'human_clicks', 'machine_clicks'],
  })
  most(view, undefined, {
    title: 'Mailbox providers', width: 'full', by: 'isp', bar: 'sends', none: 'No mail was sent in this period.', compare: true,
    metrics: tiles.filter((metric) => metric !== 'click_to_open_rate'),
  })
}

const most = (view, into, { by, bar, type, metrics, dimensions = [by], compare = false, ...more }) => ranked(view, into, {
  ...more, by, bar, compare,
  query: () => of({
    metrics, dimensions, order: [`-${bar}`, by], having: [{ field: bar, op: 'gt', value: 0 }], filters: type ? [{ field: 'event_type', value: type }] : [],
  }),
})

function overview(view) {
  view.card({
    title: 'Since its first send', csv: course, png: true,
    actions: () => choice('Counted', 'basis', [['sent', 'When its mail was sent'], ['event', 'When it happened']], { isLook: true }),
    load: async (signal) => ({ answer: await totals(signal), all: await campaigns(signal), course: await ask(course(), signal) }),
    isEmpty: ({ answer, course }) => !answer.totals.sends && !course.rows.length,
    empty: ({ answer }) => {
      view.say('No mail of this campaign was sent in this period.')
      return emptyPeriod(answer)
    },
    draw: (body, { answer, all, course }) => {
      const begun = sinceFirst(course, grain())
      say(view, answer.totals, all, begun.date_range.from)
      return board(view, body, { metrics: tiles, plain: 'open_rate', totals: answer.totals, course: begun })
    },
  })
}

// What lies before the first mail is no course of the campaign's.
function sinceFirst(course, dimension) {
  const first = course.rows.find((row) => row.sends > 0)?.[dimension]
  return first ? { ...course, rows: course.rows.filter((row) => row[dimension] >= first), date_range: { ...course.date_range, from: first } } : course
}

// How large it is, since when, and where it is better or worse than the median of all.
function say(view, row, all, from) {
  const middle = medians(all.rows.filter((one) => one[campaignKey()] !== null), rates)
  const found = rates.filter((metric) => !row.sample_too_small.includes(metric))
    .map((metric) => ({ metric: view.metric(metric), at: middle.get(metric).at, ...beside(row[metric], middle.get(metric), view.metric(metric), sampleOf(row, metric)) }))
    .filter((one) => one.isClear)
  const words = (list) => list.map(({ metric, at }) => `${metric.title.toLowerCase()}, ${value(row[metric.name], metric.unit)} against ${value(at, metric.unit)}`).join('; ')
  const [better, worse] = [found.filter((one) => one.isBetter), found.filter((one) => !one.isBetter)]
  const tone = [standing(row.bounce_rate, bounceLines), standing(row.complaint_rate, complaintLines)]
  view.say([
    `${whole(row.sends)} mails to ${whole(row.reach)} people${from ? ` since ${day(from)}` : ''}.`,
    worse.length ? ` Worse than the median campaign in ${words(worse)}.` : '', better.length ? ` Better${worse.length ? '' : ' than the median campaign'} in ${words(better)}.` : '',
    found.length ? '' : ' It does as the median campaign does.',
  ], tone.includes('danger') ? 'danger' : tone.includes('warn') ? 'warn' : '')
}
