// A card with a table of the values of a dimension, the one with most of something first; a click filters by it.

import { h } from '../dom.js'
import { ask } from '../api.js'
import { nothing } from './card.js'
import { csv } from './csv.js'
import { table, columnsOf, filtering } from './table.js'

/**
 * A card of that.
 *
 * @param query gives the question; or `part(signal)` an answer that was made of another. `bar` is the metric that ranks, `by` the dimension that filters, `none`
 *   what is said where there is no row. `columns(all)` chooses among the answer's columns; all else is as for `table`.
 */
export function ranked(view, into, { title, hint, width = 'half', query, part, bar, by, none, columns = (all) => all, totals, ...options }) {
  const memory = {}
  view.card({
    title, hint, width, load: part ?? ((signal) => ask(query(), signal)), csv: part ? async () => csv(await part()) : query,
    isEmpty: ({ rows }) => !rows.length, empty: () => nothing(none),
    draw: (body, answer) => body.append(
      table(answer, { columns: columns(columnsOf(answer, view.words)), bar, memory, link: filtering(by), caption: title, totals: totals && answer.rows.length > 1, ...options }),
      answer.isPart ? h('p', { class: 'muted' }, 'Only the most frequent are here: there are too many to show. A filter or a shorter period shows all.') : ''),
  }, into)
}
