// A small menu in a card's head.

import { h } from '../dom.js'

/** A menu of `[value, title]` pairs; `onchoose` hears the value. */
export function menu(title, options, chosen, onchoose) {
  const select = h('select', { 'aria-label': title, onchange: () => onchoose(select.value) },
    options.map(([value, text]) => h('option', { value, selected: value === chosen }, text)))
  return select
}
