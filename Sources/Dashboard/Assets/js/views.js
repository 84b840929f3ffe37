// Views that people saved: a page with its period, comparison and filters, by a name.

import { h, fill, announce } from './dom.js'
import { state } from './state.js'
import { list, save, savedList } from './saved.js'
import { spanTitle } from './frame.js'
import { filterWords } from './format.js'
import { askName } from './parts/ask.js'
import { trouble } from './parts/card.js'
import { may } from './parts/role.js'

const sectionLink = (path) => [...document.querySelectorAll('.rail a[data-page]')].find((link) => link.dataset.page === path)

/** Where a view leads: an address of a page of the rail. Null for anything else that somebody may have saved. */
export function addressOf(path) {
  if (typeof path !== 'string' || !/^\/(?!\/)/.test(path) || !URL.canParse(path, location.origin)) return null
  const url = new URL(path, location.origin)
  return url.origin === location.origin && sectionLink(url.pathname) ? url.pathname + url.search : null
}

/** Fills the menu of views. */
export function drawViews(panel) {
  const body = h('div', {})
  fill(panel, h('h2', {}, 'Saved views'), body,
    may('analyst') && sectionLink(location.pathname) && h('button', { class: 'quiet', onclick: () => keep(panel) }, 'Save view'))
  return drawList(panel, body)
}

async function drawList(panel, body) {
  try {
    const views = await list('view')
    fill(body, views.length ? savedList(views, { open: item, removed: () => drawList(panel, body) }) : h('p', { class: 'muted' }, `None yet. ${teaching()}`))
  } catch (error) {
    fill(body, trouble(error))
  }
  if (panel.matches(':popover-open')) panel.querySelector('a[aria-current], a, button')?.focus()
}

const teaching = () => (may('analyst') ? 'Set the period and filters, then save the page as you see it.' : 'An analyst can save a page with its period and filters.')

function item({ name, content }) {
  const address = addressOf(content.path)
  if (!address) return h('span', { class: 'muted', title: 'It leads to no page of Sesame.' }, name)
  return h('a', { href: address, 'aria-current': address === location.pathname + location.search ? 'true' : null }, name)
}

function keep(panel) {
  const path = location.pathname + location.search
  const button = panel.previousElementSibling
  const period = spanTitle(state.period)
  const filters = state.filters.map((filter) => filterWords(filter, state.zone))
  askName({
    title: 'Save view', value: [sectionLink(path.split('?')[0]).textContent, period.charAt(0).toLowerCase() + period.slice(1), ...filters].join(', ').slice(0, 80),
    hint: 'The page with its period, comparison and filters, as they are now. Everybody of this workspace finds it; a name that there is already gets this view.',
    cancelled: () => button.focus(),
    send: async (name) => {
      await save('view', name, { path })
      announce('Saved')
      return () => {
        button.focus()
        panel.showPopover()
      }
    },
  })
}
