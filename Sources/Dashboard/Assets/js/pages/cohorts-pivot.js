// Mails by anything: a summary with one row for each value, and any number by any two dimensions.

import { h, fill } from '../dom.js'
import { state } from '../state.js'
import { ask } from '../api.js'
import { label, whole } from '../format.js'
import { nothing } from '../parts/card.js'
import { emptyPeriod } from '../parts/empty.js'
import { csv } from '../parts/csv.js'
import { number, text, table, filtering } from '../parts/table.js'
import { datasetOf, field, fieldMenu, fieldTitle, joined, knownDatasets, teach } from './cohorts-fields.js'

const sent = { time_basis: 'sent', compare: false }
const flag = (field, value) => ({ field, op: 'is', values: [value] })
const isTime = (view, name) => view.words.dimensions.get(name)?.topic === 'Time'
const leading = (view, by) => (datasetOf(by) || isTime(view, by) ? undefined : filtering(by))

// Who opens: anybody, as others count, or people alone.
const readers = {
  anybody: { opened: 'unique_opens', clicked: 'unique_clicks', rates: ['open_rate_with_machines', 'click_rate_with_machines'], flag: 'was_clicked' },
  people: { opened: 'unique_human_opens', clicked: 'unique_human_clicks', rates: ['open_rate', 'click_rate'], flag: 'was_clicked_by_person' },
}

/** One row for each value: how many mails were sent, what became of them, and the rates. */
export function summary(view) {
  const by = () => state.get('by') ?? 'isp'
  const who = () => readers[state.get('who')] ?? readers.anybody
  const counts = () => ['rejects', 'sends', 'bounces', 'deliveries', 'complaints', who().opened, who().clicked]
  const titles = ['Rejected', 'Sent', 'Bounced', 'Delivered', 'Complained', 'Opened', 'Clicked']
  const query = () => ({ ...sent, ...joined(by()), metrics: [...counts(), 'delivery_rate', 'bounce_rate', ...who().rates], dimensions: [by()], order: isTime(view, by()) ? [by()] : ['-sends', by()] })
  const notClicked = () => ({ ...query(), metrics: [who().opened], filters: [flag(who().flag, false)], order: [`-${who().opened}`, by()], limit: 10_000 })
  const memory = {}
  let shown = { columns: [], rows: [] }
  view.card({
    title: 'Summary', hint: 'A row for each value, with what became of its mails.', csv: () => csv(shown),
    load: async (signal) => ({ known: await knownDatasets(), answer: await ask(query(), signal), open: await ask(notClicked(), signal) }),
    draw: (body, { known, answer, open }) => {
      const rest = new Map(open.rows.map((row) => [row[by()], row[who().opened]]))
      // Who is not among so many is not known, and not none.
      const others = open.row_count > open.rows.length ? null : 0
      const rows = answer.rows.map((row) => ({ ...row, opened_not_clicked: rest.get(row[by()]) ?? others }))
      const column = (name, title = view.metric(name).title) => number(name, title, view.metric(name).unit, view.metric(name))
      const columns = [
        text(by(), fieldTitle(view, by())), ...counts().map((name, index) => column(name, titles[index])),
        number('opened_not_clicked', 'Opened, not clicked'),
        ...['delivery_rate', 'bounce_rate', ...who().rates].map((name) => column(name)),
      ]
      shown = { columns, rows }
      fill(body,
        h('div', { class: 'fields' }, fieldMenu(view, { title: 'By', parameter: 'by', plain: 'isp', known }),
          field('Opened and clicked by', 'who', [['anybody', 'anybody'], ['people', 'people alone']])),
        rows.length ? h('div', { class: 'many-columns' }, table({ ...answer, rows, totals: { ...answer.totals, opened_not_clicked: open.totals[who().opened] } },
          { columns, bar: 'sends', memory, totals: true, caption: 'Summary', link: leading(view, by()) })) : emptyPeriod(answer),
        teach(known))
    },
  })
}

const widest = 12

/** Any number by any two dimensions, with totals that are counted and not added: who opened in two weeks is one. */
export function pivot(view) {
  const [down, across, what] = [() => state.get('rows') ?? 'campaign', () => state.get('cols') ?? 'week', () => (view.metric(state.get('metric')) ? state.get('metric') : 'open_rate')]
  const query = (dimensions, limit) => ({
    ...sent, ...joined(...dimensions), metrics: [what()], dimensions, limit, order: dimensions.length === 1 && isTime(view, dimensions[0]) ? dimensions : [`-${what()}`, ...dimensions],
  })
  const memory = {}
  let shown = { columns: [], rows: [] }
  view.card({
    title: 'Pivot', hint: 'Any number by any two dimensions.', csv: () => csv(shown),
    load: async (signal) => ({
      known: await knownDatasets(), cells: down() === across() ? null : await ask(query([down(), across()], 10_000), signal),
      rows: await ask(query([down()], 1_000), signal), columns: await ask(query([across()], widest), signal),
    }),
    draw: (body, { known, cells, rows, columns }) => {
      const metrics = [...view.words.metrics.values()].map(({ name, title }) => [name, title])
      const made = cells && pivoted(view, { cells, rows, columns }, { down: down(), across: across(), what: what() })
      shown = made ? named(made) : { columns: [], rows: [] }
      fill(body,
        h('div', { class: 'fields' }, fieldMenu(view, { title: 'Rows', parameter: 'rows', plain: 'campaign', known }),
          fieldMenu(view, { title: 'Columns', parameter: 'cols', plain: 'week', known }), field('Number', 'metric', metrics, 'open_rate')),
        !cells && nothing('Rows and columns are the same: choose another for one of them.'),
        cells && (made.rows.length ? h('div', { class: 'many-columns' }, table(made, {
          columns: made.columns, bar: view.metric(what()).unit === 'count' ? 'total' : undefined, memory, totals: true, caption: 'Pivot', link: leading(view, down()), compare: false,
        })) : emptyPeriod(rows)),
        made && h('p', { class: 'muted' }, notes({ cells, rows, columns }, fieldTitle(view, across()))))
    },
  })
}

// Rows and columns of the three answers as one table: each value across is a column of its own name.
function pivoted(view, { cells, rows, columns }, { down, across, what }) {
  const metric = view.metric(what)
  // What stands across may be called anything, as subjects are: names of columns are ours.
  const places = new Map(columns.rows.map((row, index) => [row[across], `at_${index}`]))
  const none = metric.unit === 'count' ? 0 : null
  const small = (row) => row.sample_too_small.length > 0
  const blank = Object.fromEntries([...places.values()].map((name) => [name, none]))
  const lines = new Map(rows.rows.map((row) => [row[down], { [down]: row[down], ...blank, total: row[what], sample_too_small: small(row) ? ['total'] : [] }]))
  for (const cell of cells.rows) {
    const [line, place] = [lines.get(cell[down]), places.get(cell[across])]
    if (!line || !place) continue
    line[place] = cell[what]
    if (small(cell)) line.sample_too_small.push(place)
  }
  const bottom = Object.fromEntries(columns.rows.map((row) => [places.get(row[across]), row[what]]))
  return {
    rows: [...lines.values()], row_count: rows.row_count,
    totals: { ...bottom, total: rows.totals[what], sample_too_small: columns.rows.filter(small).map((row) => places.get(row[across])) },
    columns: [
      text(down, fieldTitle(view, down)),
      ...columns.rows.map((row) => ({ ...number(places.get(row[across]), label(across, row[across], state.zone), metric.unit, metric), plain: row[across] ?? '' })),
      number('total', 'Total', metric.unit, metric),
    ],
  }
}

// As a file: each column by what it stands for.
const named = ({ columns, rows }) => ({
  columns: columns.map(({ name, plain }) => ({ name: String(plain ?? name) })),
  rows: rows.map((row) => Object.fromEntries(columns.map(({ name, plain }) => [String(plain ?? name), row[name]]))),
})

function notes({ cells, rows, columns }, title) {
  return [
    columns.row_count > columns.rows.length && `The first ${whole(columns.rows.length)} of ${whole(columns.row_count)} columns by ${title.toLowerCase()}.`,
    rows.row_count > rows.rows.length && `The first ${whole(rows.rows.length)} of ${whole(rows.row_count)} rows.`,
    cells.row_count > cells.rows.length && 'Too many cells to show all: filter, or choose something coarser.',
    'Totals are counted and not added.',
  ].filter(Boolean).join(' ')
}
