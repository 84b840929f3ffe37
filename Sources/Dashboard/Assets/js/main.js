// Shows the page of the address, and follows links between pages without loading anew.

import { fill, announce } from './dom.js'
import { go, onChange } from './state.js'
import { View } from './view.js'
import { drawFrame, markCurrent } from './frame.js'
import { follow } from './live.js'

/** The pages by their path; each is a module that is loaded when it is first wanted. */
const pages = {
  '/': () => import('./pages/safety.js'),
  '/deliverability': () => import('./pages/deliverability.js'),
  '/engagement': () => import('./pages/engagement.js'),
  '/campaigns': () => import('./pages/campaigns.js'),
  '/people': () => import('./pages/people.js'),
  '/message/': () => import('./pages/message.js'),
  '/recipient/': () => import('./pages/recipient.js'),
  '/segments': () => import('./pages/segments.js'),
  '/cohorts': () => import('./pages/cohorts.js'),
  '/sql': () => import('./pages/sql.js'),
  '/monitoring': () => import('./pages/monitoring.js'),
  '/sources': () => import('./pages/sources.js'),
  '/settings': () => import('./pages/settings.js'),
}

const root = document.getElementById('content')
let view = null
let path = null

async function show() {
  drawFrame()
  if (view && path === location.pathname) return view.reload()
  const load = pages[location.pathname] ?? detail(location.pathname)
  // A page that the server alone makes.
  if (!load) return location.reload()
  view?.close()
  delete root.dataset.ready
  path = location.pathname
  const wanted = path
  const { page } = await load()
  if (wanted !== location.pathname) return
  view = new View(root, page)
  markCurrent(path)
  scrollTo(0, 0)
  await view.open()
  announce(page.title)
}

/** Pages of one thing, such as a message's journey, whose path has its name behind the section's. */
function detail(path) {
  const section = `/${path.split('/')[1]}/`
  return pages[section]
}

document.addEventListener('click', (event) => {
  const link = event.target.closest('a[href]')
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
  const url = new URL(link.href)
  if (url.origin !== location.origin || link.target || link.hasAttribute('download') || !(pages[url.pathname] ?? detail(url.pathname))) return
  event.preventDefault()
  go(url.pathname + url.search)
})

// The shell was made by the server for this path; where it is a page of ours, it is ours to fill.
if (pages[location.pathname] ?? detail(location.pathname)) {
  fill(root)
  onChange(show)
  show()
  follow(() => view?.refresh())
} else {
  drawFrame()
}
