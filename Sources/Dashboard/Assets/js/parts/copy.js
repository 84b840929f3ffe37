// Text that is taken elsewhere: a button that copies it, and secrets that are seen once.

import { h, fill, announce } from '../dom.js'

/** A button that puts a text on the clipboard; `text()` gives it when it is pressed. */
export function copyButton(text, { title = 'Copy', quiet = true } = {}) {
  const button = h('button', { class: quiet ? 'quiet copy' : 'copy', onclick: () => copy(text()).then(said) }, title)
  const said = (done) => {
    fill(button, done ? 'Copied' : 'Press Ctrl+C')
    announce(done ? 'Copied' : 'The text is selected: press Ctrl+C')
    setTimeout(() => fill(button, title), 2_000)
  }
  return button
}

// Browsers keep the clipboard from pages that come over plain HTTP; the older way still works there.
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const area = h('textarea', { class: 'visually-hidden', readonly: true })
    area.value = text
    const host = document.querySelector('dialog[open]') ?? document.body
    host.append(area)
    area.select()
    const done = document.execCommand('copy')
    if (done) area.remove()
    else setTimeout(() => area.remove(), 10_000)
    return done
  }
}

/** A secret that the server never shows again. */
export function secret(title, text, words = 'It is not shown again. Keep it where your other secrets are.') {
  return h('div', { class: 'secret' },
    h('div', { class: 'secret-title' }, title),
    h('div', { class: 'secret-text' }, h('code', {}, text), copyButton(() => text, { quiet: false })),
    h('p', { class: 'muted' }, words))
}
