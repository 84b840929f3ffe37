// A small menu, in a card's head mostly.

import { h } from '../dom.js'
import { state } from '../state.js'

/** A menu of `[value, title]` pairs; `onchoose` hears the value. */
export function menu(title, options, chosen, onchoose) {
  const select = h('select', { 'aria-label': title, onchange: () => onchoose(select.value) },
    options.map(([value, text]) => h('option', { value, selected: value === chosen }, text)))
  return select
}

/** A menu whose choice stands in the address as `parameter`; `plain` is the value where nothing stands there. `isLook`: the browser's Back does not undo it. */
export const choice = (title, parameter, options, { plain = options[0][0], isLook = false } = {}) =>
  menu(title, options, state.get(parameter) ?? plain, (value) => state.set({ [parameter]: value === plain ? null : value }, { replace: isLook }))
