// Who reads: opens and clicks of people and of machines, how many are left at each step, when they read, what they click, with what.

import { h } from '../dom.js'
import { state } from '../state.js'
import { ask } from '../api.js'
import { percent, whole } from '../format.js'
import { emptyPeriod } from '../parts/empty.js'
import { funnel } from '../parts/funnel.js'
import { board } from '../parts/board.js'
import { explained } from '../parts/words.js'
import { legend, hatched } from '../parts/legend.js'
import { colour, colourOf, together } from '../parts/chart.js'
import { timeChart, grain } from '../parts/time.js'
import { heat, links, readers, machines, unsubscribes } from './engagement-parts.js'

const tiles = [
  'unique_human_opens', 'open_rate', 'unique_human_clicks', 'click_rate', 'click_to_open_rate', 'unsubscribes',
  'unique_opens', 'open_rate_with_machines', 'unique_clicks', 'click_rate_with_machines', 'unsubscribe_rate', 'deliveries',
]
const byCause = ['human_opens', 'machine_opens', 'human_clicks', 'machine_clicks']

const courseQuery = (more = []) => ({ metrics: [...tiles, ...byCause, ...more], dimensions: [grain()] })
const course = (signal) => ask(courseQuery(['opens', 'clicks', 'sends']), signal)

export const page = {
  title: 'Engagement',
  draw(view) {
    overview(view)
    causes(view)
    steps(view)
    timeToOpen(view)
    heat(view)
    links(view)
    readers(view)
    const row = view.row()
    machines(view, row)
    unsubscribes(view, row)
  },
}

function overview(view) {
  view.card({
    title: 'What was read', csv: () => courseQuery(), png: true, load: course,
    isEmpty: ({ totals }) => {
      const isEmpty = ['sends', 'deliveries', 'opens', 'clicks'].every((name) => !totals[name])
      if (isEmpty) view.say('No mail was sent or read in this period.')
      return isEmpty
    },
    empty: emptyPeriod,
    draw: (body, answer) => {
      view.say(sentence(answer.totals))
      return board(view, body, { metrics: tiles, course: answer })
    },
  })
}

/** What a tired person must know of the readers. */
function sentence(row) {
  if (!row.opens && !row.clicks) return 'Nothing was opened or clicked in this period. SES tells of both where a configuration set tracks them.'
  // In a short period mail of before is read.
  const isOfPeriod = row.deliveries > 0 && row.unique_human_opens <= row.deliveries
  const people = isOfPeriod
    ? `People opened ${percent(row.open_rate)} of the mail delivered and clicked in ${percent(row.click_rate)}.`
    : `People opened ${whole(row.unique_human_opens)} mails and clicked in ${whole(row.unique_human_clicks)}, where ${row.deliveries ? whole(row.deliveries) : 'none'} ${row.deliveries > 1 ? 'were' : 'was'} delivered in this period.`
  const machines = [[row.machine_opens, row.opens, 'opens'], [row.machine_clicks, row.clicks, 'clicks']].filter(([, all]) => all)
    .map(([part, all, words]) => `${percent(part / all)} of the ${words}`)
  return `${people} Machines made ${machines.join(' and ')}.`
}

// Opens and clicks, each time, by who made them.
function causes(view) {
  const row = view.row()
  for (const [title, type, people, robots] of [['Opens over time', 'Open', 'human_opens', 'machine_opens'], ['Clicks over time', 'Click', 'human_clicks', 'machine_clicks']]) {
    view.card({
      title, hint: 'each time', width: 'half', csv: () => ({ metrics: [people, robots], dimensions: [grain()] }), png: true,
      load: course, isEmpty: ({ totals }) => !totals[people] && !totals[robots],
      draw: (body, answer) => {
        const hue = `var(--${type.toLowerCase()})`
        const filter = (isMachine) => state.linkWithAll([['event_type', type], ['is_machine', isMachine]])
        body.append(legend([
          { title: 'People', hue, href: filter(false), value: whole(answer.totals[people]) },
          { title: 'Machines', hue, isHatched: true, href: filter(true), value: whole(answer.totals[robots]) },
        ]))
        return together(type, timeChart(body, answer, {
          unit: 'count', stack: true, height: 240,
          series: [{ metric: people, title: 'People', type: 'bar', colour: () => colourOf(people) }, { metric: robots, title: 'Machines', type: 'bar', colour: () => hatched(colourOf(people)) }],
        }))
      },
    }, row)
  }
}

const stages = [
  ['sends', 'Sent'], ['deliveries', 'Delivered', 'were not delivered'], ['unique_human_opens', 'Opened by people', 'were not opened by a person'],
  ['unique_human_clicks', 'Clicked by people', 'were opened and not clicked'],
]

function steps(view) {
  view.card({
    title: 'From sent to clicked', hint: 'mails, each once', csv: () => ({ metrics: [...stages.map(([name]) => name), 'reach'] }),
    load: async (signal) => {
      const [{ totals }, people] = await Promise.all([course(signal), ask({ metrics: ['reach'], compare: false }, signal)])
      return { ...totals, reach: people.totals.reach }
    },
    isEmpty: (row) => stages.every(([name]) => !row[name]),
    draw: (body, row) => body.append(
      funnel(stages.map(([name, title, lost]) => ({ title, lost, value: row[name], metric: view.metric(name) }))),
      h('p', { class: 'muted', ...explained(view.metric('reach')) }, `${whole(row.reach)} different ${row.reach === 1 ? 'address' : 'addresses'} got it.`)),
  })
}

const openings = [['time_to_open_p50', 'Half', 'open'], ['time_to_open_p90', 'Nine of ten', 'muted']]

// How soon mail is read says when to judge a campaign.
function timeToOpen(view) {
  const query = () => ({ metrics: openings.map(([name]) => name), dimensions: [grain()], compare: false })
  view.card({
    title: 'Time to open', hint: 'from sending to the first open by a person', csv: query, png: true,
    load: (signal) => ask(query(), signal), isEmpty: ({ totals: row }) => row.time_to_open_p50 === null,
    draw: (body, answer) => timeChart(body, answer, {
      unit: 'milliseconds', isLog: true, height: 240, label: 'Time to open, of half and of nine of ten mails that a person opened, by when they were sent',
      series: openings.map(([metric, title, hue]) => ({ metric, title, colour: () => colour(hue) })),
    }),
  })
}
