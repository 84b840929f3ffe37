// What to set up in AWS so that a source gets events, to be pasted: a tab for each form.

import { h, fill } from '../dom.js'
import { call } from '../api.js'
import { copyButton } from '../parts/copy.js'
import { trouble } from '../parts/card.js'

const titles = { cli: 'AWS CLI', cloudformation: 'CloudFormation', terraform: 'Terraform' }
const isFetched = ({ kind }) => kind === 's3' || kind === 'sqs'
let address = location.protocol === 'https:' ? location.origin : ''

/** The set-up of a source, with the address under which AWS reaches Sesame. */
export function setup(source) {
  const body = h('div', {})
  const input = h('input', { type: 'url', value: address, placeholder: 'https://sesame.example.com', onchange: () => { address = input.value.trim(); load() } })
  const needsHTTPS = !['http', 'firehose-api'].includes(source.kind)
  async function load() {
    const url = address || (isFetched(source) || needsHTTPS ? '' : location.origin)
    if (!url && !isFetched(source)) return fill(body, h('p', { class: 'muted' }, 'Say under which address AWS reaches Sesame; then what to paste stands here.'))
    try {
      const { texts } = await call('GET', `/api/v1/sources/${source.name}/setup${url ? `?url=${encodeURIComponent(url)}` : ''}`)
      fill(body, tabs(texts))
    } catch (error) {
      fill(body, trouble(error))
    }
  }
  load()
  return h('section', { class: 'setup' }, h('h3', {}, needsHTTPS || isFetched(source) ? 'Set up the AWS side' : 'Send to it'),
    !isFetched(source) && h('label', {}, 'Address under which it is reached', input), body)
}

// Tabs after the ARIA practices: one is in the order of Tab, arrows go to the others.
function tabs(texts) {
  const names = Object.keys(texts)
  const shown = h('pre', { class: 'setup-text', tabindex: 0, role: 'tabpanel', id: 'setup-text' })
  let chosen = names[0]
  const buttons = names.map((name) => h('button', {
    role: 'tab', class: 'tab', 'aria-controls': 'setup-text', onclick: () => choose(name), onkeydown: walk,
  }, titles[name] ?? name))
  function choose(name) {
    chosen = name
    buttons.forEach((button, index) => {
      button.setAttribute('aria-selected', String(names[index] === name))
      button.tabIndex = names[index] === name ? 0 : -1
    })
    fill(shown, texts[name])
    shown.scrollTop = 0
  }
  function walk(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (!step) return
    const index = (names.indexOf(chosen) + step + names.length) % names.length
    choose(names[index])
    buttons[index].focus()
  }
  choose(chosen)
  return [h('div', { class: 'tabs' }, h('div', { role: 'tablist', 'aria-label': 'Forms' }, buttons), copyButton(() => texts[chosen])), shown]
}
