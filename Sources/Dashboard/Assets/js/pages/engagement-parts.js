// When people read, what they click, with what, and who are no people.

import { h } from '../dom.js'
import { state } from '../state.js'
import { ask } from '../api.js'
import { whole, percent, weekdays, label } from '../format.js'
import { nothing } from '../parts/card.js'
import { grouped } from '../parts/group.js'
import { matrix } from '../parts/matrix.js'
import { choice } from '../parts/menu.js'
import { ranked } from '../parts/ranked.js'
import { table, columnsOf, filtering } from '../parts/table.js'

const hours = [...Array(24).keys()]
const reading = { human_opens: 'Opens by people', human_clicks: 'Clicks by people' }

/** Weekday × hour: when people open and click. */
export function heat(view) {
  const metric = () => (state.get('heat') === 'human_clicks' ? 'human_clicks' : 'human_opens')
  const query = { metrics: Object.keys(reading), dimensions: ['weekday', 'hour_of_day'], compare: false }
  view.card({
    title: 'When people read', hint: `Hours of ${state.zone}.`, csv: () => query,
    actions: () => choice('What is shown', 'heat', Object.entries(reading), { isLook: true }),
    load: (signal) => ask(query, signal), isEmpty: ({ totals }) => !totals[metric()], empty: () => nothing(`No ${reading[metric()].toLowerCase()} in this period.`),
    draw: (body, answer) => {
      const name = metric()
      const rows = new Map(answer.rows.map((row) => [`${row.weekday} ${row.hour_of_day}`, row[name]]))
      const most = Math.max(...rows.values())
      const [top] = [...rows].sort(([, one], [, other]) => other - one)
      const [day, hour] = top[0].split(' ')
      body.append(
        h('p', {}, `Most on ${fullDays[day - 1]} from ${label('hour_of_day', hour)} to ${label('hour_of_day', (Number(hour) + 1) % 24)}: ${whole(most)}, ${percent(most / answer.totals[name])} of ${whole(answer.totals[name])}.`),
        matrix({
          isDense: true, hue: name === 'human_opens' ? 'open' : 'click', caption: `${reading[name]} by weekday and hour`,
          columns: hours.map((hour) => ({ title: String(hour).padStart(2, '0'), hour })), rows: weekdays.map((title, at) => ({ title, weekday: at + 1 })),
          cell: ({ title, weekday }, { hour }) => {
            const count = rows.get(`${weekday} ${hour}`) ?? 0
            return {
              text: whole(count), depth: count / most, title: `${title} ${label('hour_of_day', hour)}: ${whole(count)}`,
              href: state.linkWithAll([['weekday', weekday], ['hour_of_day', hour]]),
            }
          },
        }))
    },
  })
}

const fullDays = ['Mondays', 'Tuesdays', 'Wednesdays', 'Thursdays', 'Fridays', 'Saturdays', 'Sundays']

/** Links by clicks, or the values of one of their tags. */
export function links(view) {
  const by = () => (state.get('link_tag') ? `link_tag:${state.get('link_tag')}` : 'link')
  const query = () => ({
    metrics: ['human_clicks', 'unique_human_clicks', 'machine_clicks'], dimensions: [by()], filters: [{ field: 'event_type', value: 'Click' }],
    order: ['-human_clicks', '-machine_clicks'], limit: 1_000,
  })
  view.card({
    title: 'Links', hint: 'Which part of the mail draws people.', csv: query,
    actions: () => h('input', {
      type: 'text', value: state.get('link_tag'), placeholder: 'by link tag: NAME', 'aria-label': 'Name of a link tag; empty for links', spellcheck: 'false',
      onchange: (event) => state.set({ link_tag: event.target.value.trim() || null }),
    }),
    load: (signal) => ask(query(), signal), isEmpty: ({ rows }) => !rows.length, empty: () => nothing('Nothing was clicked in this period.'),
    draw: (body, answer) => {
      const only = answer.rows.length === 1 && answer.rows[0][by()] === null
      body.append(only ? h('p', { class: 'muted' }, `No link that was clicked has the tag ${state.get('link_tag')}. Tags stand in the mail's HTML: `, h('code', {}, '<a ses:tags="position:top;" href="…">')) : '',
        table(answer, { columns: columnsOf(answer, view.words), bar: 'human_clicks', link: filtering(by()), caption: 'Links by clicks', totals: true }))
    },
  })
}

// Opens and clicks with all that is known of who made them: three tables and the machines are one answer.
const agents = (signal) => ask({
  metrics: ['human_opens', 'human_clicks', 'machine_opens', 'machine_clicks', 'opens', 'clicks'], dimensions: ['client', 'client_kind', 'os', 'machine_rule'],
  filters: [{ field: 'event_type', values: ['Open', 'Click'] }], order: ['-opens', '-clicks'], limit: 10_000, compare: false,
}, signal)

const part = (by, metrics) => async (signal) => grouped(await agents(signal), [by], metrics)
// The card's heading has said of what they are.
const short = { human_opens: 'Opens', human_clicks: 'Clicks', machine_opens: 'Opens', machine_clicks: 'Clicks', machine_rule: 'Rule' }
const shortened = (all) => all.filter(({ name }) => name !== 'share').map((column) => ({ ...column, title: short[column.name] ?? column.title }))

/** What people read with. */
export function readers(view) {
  const row = view.row()
  for (const [title, by, hint] of [['Mail apps and browsers', 'client', 'of people'], ['Kinds of client', 'client_kind', 'of people'], ['Operating systems', 'os', 'where the agent names it']]) {
    ranked(view, row, { title, hint, width: 'third', by, bar: 'human_opens', part: part(by, ['human_opens', 'human_clicks']), columns: shortened, shown: 8, none: 'No person read in this period.' })
  }
}

const rules = {
  scanner: 'the agent is a mail scanner or an HTTP library', 'apple-privacy-prefetch': 'Apple Mail fetches images before anybody reads',
  'click-within-5s-of-send': 'nobody clicks within 5 s of the sending', 'click-within-5s-of-delivery': 'nobody reads that fast',
  'link-sweep': 'three or more links of a message within 5 s', 'shared-address-burst': 'five or more messages from one address within 10 s',
  'beside-a-sweep': 'an open within 5 s of such clicks, from the same address',
}

/** Which rule told machines from people. */
export const machines = (view, row) => ranked(view, row, {
  title: 'Machines', hint: 'and the rule that says so', by: 'machine_rule', bar: 'machine_opens', part: part('machine_rule', ['machine_opens', 'machine_clicks']),
  columns: shortened, totals: true, none: 'No machine opened or clicked in this period.',
  drawn: { machine_rule: (one) => [h('span', {}, label('machine_rule', one.machine_rule)), rules[one.machine_rule] && h('span', { class: 'muted rule' }, rules[one.machine_rule])] },
})

/** Which campaigns people leave over. */
export const unsubscribes = (view, row) => ranked(view, row, {
  title: 'Unsubscribes', hint: 'by campaign', by: 'campaign', bar: 'unsubscribes', none: 'Nobody unsubscribed through SES in this period.',
  query: () => ({ metrics: ['unsubscribes', 'unsubscribe_rate'], dimensions: ['campaign'], having: [{ field: 'unsubscribes', op: 'gt', value: 0 }], order: ['-unsubscribes'], limit: 200 }),
})
