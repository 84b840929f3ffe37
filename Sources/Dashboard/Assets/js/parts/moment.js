// A moment in a table: how long ago it was, or when it will be, with the exact time on hover.

import { h } from '../dom.js'
import { state } from '../state.js'
import { ago, instant } from '../format.js'

/** The moment; where there is none, `none` in its place. */
export const moment = (iso, none = '–') => (iso
  ? h('span', { class: 'nowrap', title: `${instant(iso, state.zone)} ${state.zone}` }, Date.parse(iso) > Date.now() ? instant(iso, state.zone, false) : ago(iso))
  : h('span', { class: 'muted' }, none))
