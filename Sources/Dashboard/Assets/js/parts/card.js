// A part of a page: heading, what it shows, and what to do where there is nothing or something went wrong. It loads by itself; while
// it asks anew, the old answer stays, dimmed.

import { h, fill, download, keepingFocus } from '../dom.js'
import { Problem, askCSV } from '../api.js'
import { capital } from '../format.js'

/**
 * A card. `load(signal)` gives what `draw(body, data)` shows; `isEmpty(data)` says whether there is nothing, and `empty` what to do then.
 * `actions()` gives menus that stand for the state there is. `csv()` gives the query whose rows are saved, or their text; with `png` what `draw` gives is a
 * chart that can be saved.
 */
export class Card {
  constructor({ title, hint, load, draw, isEmpty, empty, csv, png, width = 'full', actions, quiet }) {
    Object.assign(this, { title, load, drawing: draw, isEmpty, empty, actions })
    this.menus = h('span', { class: 'card-menus' })
    this.body = h('div', { class: 'card-body' }, quiet ? null : h('div', { class: 'skeleton', 'aria-hidden': 'true' }))
    this.heading = h('div', { class: 'card-head' },
      title && h('h2', {}, title), hint && h('p', { class: 'muted' }, hint),
      (csv || png || actions) && h('div', { class: 'card-actions' }, this.menus,
        this.exports = h('span', { class: 'card-menus' }, csv && exportButton('CSV', () => this.saveCSV(csv)), png && exportButton('PNG', () => this.savePNG()))))
    this.element = h('section', { class: `card ${width}`, 'aria-busy': 'true' },
      title || csv || actions ? this.heading : null, this.body)
  }

  /** Loads and draws. Of several loads that overlap the last counts. */
  async reload(signal) {
    const turn = (this.turn = (this.turn ?? 0) + 1)
    this.element.setAttribute('aria-busy', 'true')
    keepingFocus(this.menus, () => fill(this.menus, this.actions?.()))
    try {
      const data = await this.load(signal)
      if (turn !== this.turn) return
      keepingFocus(this.element, () => this.show(data))
    } catch (error) {
      if (error.name === 'AbortError' || turn !== this.turn) return
      // A guest is shown what was shared, and not what was not.
      if (error.code === 'not-shared') return this.element.remove()
      fill(this.body, trouble(error, () => this.reload(signal)))
      if (!(error instanceof Problem)) console.error(error)
    }
    this.element.removeAttribute('aria-busy')
  }

  show(data) {
    const isEmpty = this.isEmpty?.(data)
    if (this.exports) this.exports.hidden = isEmpty
    if (isEmpty) return fill(this.body, this.empty?.(data) ?? nothing())
    const next = h('div', { class: 'card-body' })
    this.body.replaceWith(next)
    this.body = next
    this.drawn = this.drawing(next, data)
  }

  async saveCSV(source) {
    const wanted = await source()
    const text = typeof wanted === 'string' ? wanted : await askCSV(wanted)
    download(`${this.fileName()}.csv`, text, 'text/csv')
  }

  savePNG() { h('a', { href: this.drawn.picture(), download: `${this.fileName()}.png` }).click() }

  fileName() { return `sesame-${(this.title ?? 'chart').toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}` }
}

const exportButton = (name, save) =>
  h('button', { class: 'plain', title: `Save what is shown as ${name}`, onclick: save }, name)

/** What is said where a period has nothing. */
export const nothing = (text = 'Nothing in this period.') => h('p', { class: 'muted empty' }, text)

/** An error as a sentence, with what to do. */
export function trouble(error, again) {
  const known = error instanceof Problem
  return h('div', { class: 'trouble', role: 'alert' },
    h('p', {}, known ? sentence(error.message) : 'The page has a fault and cannot show this.'),
    h('p', { class: 'muted' }, known ? (error.hint ? sentence(error.hint) : null) : String(error)),
    again && h('button', { class: 'quiet', onclick: again }, 'Try again'))
}

const sentence = (text) => capital(/[.!?]$/.test(text) ? text : `${text}.`)
