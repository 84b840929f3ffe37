// A page while it is shown: its cards, what was chosen, and the end of its requests when the reader goes on.

import { h, fill } from './dom.js'
import { words, forget } from './api.js'
import { Card, trouble } from './parts/card.js'

export class View {
  constructor(root, page) {
    Object.assign(this, { root, page, cards: [], leaving: new AbortController() })
  }

  get signal() { return this.leaving.signal }

  /** Shows the page from nothing. */
  async open() {
    delete this.root.dataset.ready
    const turn = (this.turn = (this.turn ?? 0) + 1)
    this.cards = []
    this.shape = this.page.shape?.()
    document.title = `${this.page.title} · Sesame`
    this.lead = h('p', { class: 'lead', 'aria-live': 'polite' })
    fill(this.root, h('h1', {}, this.page.title), this.page.lead === false ? null : this.lead)
    try {
      this.words = await words()
      if (this.signal.aborted || turn !== this.turn) return
      await this.page.draw(this)
      this.root.dataset.ready = this.page.title
    } catch (error) {
      if (error.name !== 'AbortError') this.root.append(trouble(error, () => this.open()))
    }
  }

  /** Puts something below what is there. */
  add(...elements) {
    for (const element of elements) this.root.append(element)
  }

  /** A card that loads at once and whenever the state changes; `into` is where it goes, the page itself where nothing is said. */
  card(spec, into = this.root) {
    const card = new Card(spec)
    this.cards.push(card)
    into.append(card.element)
    card.reload(this.signal)
    return card
  }

  /** A row of cards. */
  row() {
    const row = h('div', { class: 'row' })
    this.root.append(row)
    return row
  }

  /** The answer first: a sentence somebody tired can act on. */
  say(text, tone = '') {
    this.lead.className = `lead ${tone}`
    fill(this.lead, text)
  }

  /** The metric of a name, with its words. */
  metric(name) { return this.words.metrics.get(name) }

  /** Asks all anew. Where the page's `shape()` is another, as when a list gives way to one of its rows, its cards are others too. */
  reload() {
    if (this.shape !== this.page.shape?.()) {
      scrollTo(0, 0)
      return this.open()
    }
    this.page.changed?.(this)
    for (const card of this.cards) card.reload(this.signal)
  }

  /** The same because there is something new. */
  refresh() {
    forget()
    this.reload()
  }

  close() { this.leaving.abort() }
}
