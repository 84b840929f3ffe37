// Which campaign hurts and which one works: all of them in a table against their own median, some side by side, and each by itself.

import { h } from '../dom.js'
import { state } from '../state.js'
import { value, whole } from '../format.js'
import { emptyPeriod } from '../parts/empty.js'
import { table, columnsOf } from '../parts/table.js'
import { campaignKey, campaignLink, campaigns, keyMenu, keyTitle, nameOf, noCampaigns, rates, shown } from './campaigns-key.js'
import { harmSentence, medians, beside, mark, sampleOf } from './campaigns-verdict.js'
import { sideBySide, picks, togglePick } from './campaigns-compare.js'
import { detail } from './campaigns-detail.js'

export const page = {
  title: 'Campaigns',
  shape: () => state.get('name') !== null,
  draw: (view) => (state.get('name') === null ? list(view) : detail(view)),
}

function list(view) {
  const memory = {}
  view.card({
    title: 'All campaigns', hint: 'Mails sent in this period, with all that became of them.',
    actions: keyMenu, csv: shown, load: campaigns,
    isEmpty: (answer) => !answer.rows.some((row) => row[campaignKey()] !== null && row.sends),
    empty: (answer) => {
      view.say(answer.rows.length ? 'No campaign can be told from another yet.' : 'No mail was sent in this period.')
      return answer.rows.length ? noCampaigns() : emptyPeriod(answer)
    },
    draw: (body, answer) => drawList(view, body, answer, memory),
  })
  sideBySide(view, campaigns)
}

function drawList(view, body, answer, memory) {
  const key = campaignKey()
  const named = answer.rows.filter((row) => row[key] !== null)
  const { words, tone } = harmSentence(answer.rows, answer.totals, (row) => h('a', { href: campaignLink(row[key]) }, nameOf(row[key])))
  view.say(words, tone)
  const middle = medians(named, rates)
  const chosen = picks()
  const columns = columnsOf(answer, view.words).filter(({ name }) => name === key || shown().metrics.includes(name))
  columns[0].title = keyTitle()
  body.append(
    h('div', { class: 'many-columns' }, table(answer, {
      columns, bar: 'sends', memory, shown: 25, totals: true, caption: 'Campaigns and their rates', link: (row) => campaignLink(row[key]),
      before: (row) => h('input', {
        type: 'checkbox', class: 'tick', checked: chosen.includes(row[key]), disabled: !chosen.includes(row[key]) && chosen.length === 4,
        'aria-label': `${nameOf(row[key])}, side by side`, onchange: () => togglePick(row[key]),
      }),
      drawn: {
        [key]: (row) => nameOf(row[key]),
        ...Object.fromEntries(rates.map((name) => [name, (row) => {
          const metric = view.metric(name)
          const isSmall = row.sample_too_small.includes(name)
          return [value(row[name], metric.unit), isSmall ? null : mark(beside(row[name], middle.get(name), metric, sampleOf(row, name)))]
        }])),
      },
    })),
    h('p', { class: 'muted' }, `▲ above, ▼ below the median of the ${middle.get('delivery_rate').count} campaigns with 100 mails or more; in colour where that is more than chance. `
      + `* small sample.${answer.row_count > answer.rows.length ? ` The ${whole(answer.rows.length)} greatest of ${whole(answer.row_count)}.` : ''}`))
}
