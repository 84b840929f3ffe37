// Whether the sender is safe: the rates beside AWS's lines, what they are made of, whether data is flowing, and the volume.

import { h, fill } from '../dom.js'
import { state } from '../state.js'
import { ask, call } from '../api.js'
import { percent, whole, ago } from '../format.js'
import { choice } from '../parts/menu.js'
import { may } from '../parts/role.js'
import { nothing } from '../parts/card.js'
import { emptyPeriod } from '../parts/empty.js'
import { board } from '../parts/board.js'
import { limitBar } from '../parts/limitbar.js'
import { bounceLines, complaintLines } from '../parts/limits.js'
import { endsNow, grain } from '../parts/time.js'
import { number, table, columnsOf, filtering } from '../parts/table.js'
import { verdict, trend } from './safety-verdict.js'

const newest = ['representative_bounce_rate', 'representative_complaint_rate', 'representative_volume']
const tiles = ['sends', 'delivery_rate', 'bounce_rate', 'complaint_rate', 'open_rate', 'click_rate', 'delay_rate', 'unsubscribe_rate']
const parts = [
  ['isp', 'Mailbox provider'], ['recipient_domain', 'Recipient domain'], ['campaign', 'Campaign'],
  ['configuration_set', 'Configuration set'], ['identity', 'Identity'], ['sender', 'Sender'],
]

const course = (signal) => ask({ metrics: [...tiles, 'counted_bounces', 'counted_complaints', 'eligible_sends'], dimensions: [grain()] }, signal)
// At the end of the period; where that is the present, with the course that says how long the rates will be safe.
const volumes = (signal) => ask({ metrics: newest, compare: false, ...(endsNow() ? { dimensions: ['day'], date_range: '14d' } : {}) }, signal)

export const page = {
  title: 'Safety',
  draw(view) {
    const limits = view.row()
    view.card({
      width: 'wide', quiet: true,
      load: async (signal) => {
        const found = judged(...await Promise.all([course(signal), volumes(signal)]))
        return { ...found, source: found.of ? await worst(found.of, signal) : null }
      },
      draw: (body, found) => drawLimits(view, body, found),
    }, limits)
    if (may('viewer')) view.card({ title: 'Is data flowing?', width: 'narrow', load: (signal) => call('GET', '/api/v1/sources', { signal }), draw: drawSources }, limits)
    contributors(view)
    volume(view)
  },
}

function judged({ totals: counted }, { totals: volume, rows: days }) {
  const row = { ...counted, ...volume, sample_too_small: [...counted.sample_too_small, ...volume.sample_too_small] }
  const bounce = { rate: row.bounce_rate, volume: row.representative_bounce_rate, trend: trend(days, 'representative_bounce_rate', bounceLines) }
  const complaint = { rate: row.complaint_rate, volume: row.representative_complaint_rate, trend: trend(days, 'representative_complaint_rate', complaintLines) }
  return { row, bounce, complaint, ...verdict(row, bounce, complaint) }
}

// Whose mail to whom made most of what counts, where that is much of it.
async function worst(metric, signal) {
  const { rows: [first], totals: all } = await ask({ metrics: [metric], dimensions: ['sender', 'isp'], order: [`-${metric}`], limit: 1, compare: false }, signal)
  const share = first?.sender && first.isp ? first[metric] / all[metric] : 0
  return share >= 0.25 ? { ...first, share } : null
}

const named = ({ sender, isp, share }, of) => [
  ' ', h('a', { href: state.linkWithAll([['sender', sender], ['isp', isp]]) }, `${/<([^>]+)>$/.exec(sender)?.[1] ?? sender} to ${isp === 'Other' ? 'other providers' : isp}`),
  ` made ${percent(share)} of the ${of === 'counted_bounces' ? 'bounces' : 'complaints'} that count.`]

function drawLimits(view, body, { row, bounce, complaint, text, tone, of, source }) {
  view.say([text, source && named(source, of)], tone)
  body.append(
    limitBar({ title: 'Bounce rate', ...bounce, lines: bounceLines, words: words(row, bounce, 'representative_bounce_rate') }),
    limitBar({ title: 'Complaint rate', ...complaint, lines: complaintLines, words: `${words(row, complaint, 'representative_complaint_rate')} Gmail sends SES no complaints: its own limits are 0.1 % and 0.3 %, shown in Google Postmaster Tools.` }))
}

function words(row, { volume, trend }, name) {
  if (!row.eligible_sends && volume === null) return 'No mail that counts.'
  const newest = volume === null ? '' : `${percent(volume)} over the newest ${whole(row.representative_volume)} mails${row.sample_too_small.includes(name) ? ', a small sample' : ''}`
  return `${[newest, trend?.text].filter(Boolean).join(' · ')}.`
}

function drawSources(body, { sources, refused }) {
  if (!sources.length) {
    fill(body, h('p', {}, 'No source sends events here yet.'), h('a', { href: state.link('/sources') }, 'Set one up'))
    return
  }
  fill(body, h('ul', { class: 'flow' }, sources.slice(0, 8).map((source) => h('li', {},
    h('span', { class: `dot ${source.state}`, 'aria-hidden': 'true' }), h('span', { class: 'flow-name' }, source.name),
    h('span', { class: 'muted' }, source.last_event_at ? ago(source.last_event_at) : source.state)))),
  refused ? h('p', {}, h('a', { href: state.link('/sources') }, `${whole(refused)} records were refused`)) : h('p', { class: 'muted' }, 'No record was refused.'))
}

function contributors(view) {
  const by = () => state.get('by') ?? 'isp'
  const of = () => (state.get('of') === 'complaints' ? 'counted_complaints' : 'counted_bounces')
  const query = () => {
    const rate = of() === 'counted_bounces' ? 'bounce_rate' : 'complaint_rate'
    return { metrics: [of(), rate, 'eligible_sends'], dimensions: [by()], order: [`-${of()}`, `-eligible_sends`], limit: 100 }
  }
  view.card({
    title: 'What it is made of', csv: query,
    actions: () => [
      choice('Of', 'of', [['bounces', 'Bounces that count'], ['complaints', 'Complaints that count']]), choice('By', 'by', parts),
    ],
    load: (signal) => ask(query(), signal),
    isEmpty: (answer) => !answer.totals[of()],
    empty: () => nothing(`No ${of() === 'counted_bounces' ? 'bounce' : 'complaint'} counts against you in this period.`),
    draw: (body, answer) => {
      const total = answer.totals[of()]
      const [first, count, ...rest] = columnsOf(answer, view.words)
      answer.rows = answer.rows.filter((row) => row[of()] > 0)
      for (const row of answer.rows) row.share = row[of()] / total
      body.append(table(answer, { columns: [first, count, number('share', 'Share', 'ratio'), ...rest], bar: of(), link: filtering(by()), caption: 'What the rate is made of' }))
    },
  })
}

function volume(view) {
  view.card({
    title: 'Volume and engagement', csv: () => ({ metrics: tiles, dimensions: [grain()] }),
    png: true,
    load: course, isEmpty: ({ totals }) => !totals.sends, empty: emptyPeriod,
    draw: (body, answer) => board(view, body, { metrics: tiles, course: answer }),
  })
}
