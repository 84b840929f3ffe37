// An editor of SQL: CodeMirror in a tree of its own, where its styles are sheets and no markup, as the page's policy wants.

import { h } from '../dom.js'

const load = () => import('/assets/vendor/codemirror/index.js')

/**
 * An editor; a plain field until CodeMirror is there, and where it is not installed.
 *
 * @param tables gives a promise of the catalog's, for completion.
 * @param onrun hears Ctrl+Enter. Gives `{ element, text(), set(text), insert(text), focus() }`.
 */
export function sqlEditor(text, { tables, onrun, onchange = () => {}, label }) {
  const field = h('textarea', { class: 'mono', rows: 8, 'aria-label': label, spellcheck: 'false', oninput: onchange, onkeydown: (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) { event.preventDefault(); onrun() }
  } })
  field.value = text
  const element = h('div', { class: 'editor' }, field)
  const plain = {
    text: () => field.value, set: (next) => { field.value = next }, focus: () => field.focus(),
    insert: (piece) => field.setRangeText(piece, field.selectionStart, field.selectionEnd, 'end'),
  }
  let inner = plain
  load().then(async (cm) => {
    const dialect = await cm.languages.find((language) => language.name === 'PostgreSQL').load()
    if (!element.isConnected) return
    const hadFocus = document.activeElement === field
    const host = h('div', {})
    const root = host.attachShadow({ mode: 'open' })
    const colours = new cm.Compartment()
    // One source for all questions: to another function the popup would listen anew with every letter.
    const source = completion(tables)
    const view = new cm.EditorView({
      parent: root, root,
      state: cm.EditorState.create({
        doc: field.value,
        extensions: [
          cm.Prec.highest(cm.keymap.of([{ key: 'Mod-Enter', run: () => { onrun(); return true } }])),
          cm.basicSetup, dialect, cm.EditorView.lineWrapping, theme(cm), colours.of(highlighting(cm)),
          cm.EditorState.languageData.of(() => [{ autocomplete: source }]),
          cm.EditorView.contentAttributes.of({ 'aria-label': label }),
          cm.EditorView.updateListener.of((update) => { if (update.docChanged) onchange() }),
        ],
      }),
    })
    element.replaceChildren(host)
    const scheme = matchMedia('(prefers-color-scheme: dark)')
    const repaint = () => {
      if (element.isConnected) return view.dispatch({ effects: colours.reconfigure(highlighting(cm)) })
      scheme.removeEventListener('change', repaint)
      document.removeEventListener('themechange', repaint)
      view.destroy()
    }
    scheme.addEventListener('change', repaint)
    document.addEventListener('themechange', repaint)
    inner = {
      text: () => view.state.doc.toString(), focus: () => view.focus(),
      set: (next) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } }),
      insert: (piece) => { view.dispatch(view.state.replaceSelection(piece)); view.focus() },
    }
    if (hadFocus) view.focus()
  }, () => { /* A plain field does as well. */ })
  return { element, text: () => inner.text(), set: (next) => inner.set(next), insert: (piece) => inner.insert(piece), focus: () => inner.focus() }
}

const isDark = () => {
  const chosen = document.documentElement.dataset.theme
  return chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches
}
const highlighting = (cm) => cm.syntaxHighlighting(isDark() ? cm.oneDarkHighlightStyle : cm.defaultHighlightStyle)

// The page's own custom properties reach into the editor's tree.
function theme(cm) {
  return cm.EditorView.theme({
    '&': { color: 'var(--ink)', backgroundColor: 'var(--ground)', fontSize: '13px' },
    '&.cm-focused': { outline: 'none' },
    '.cm-content': { caretColor: 'var(--ink)', minHeight: '160px', fontFamily: 'ui-monospace, "SF Mono", Menlo, Consolas, monospace' },
    '.cm-scroller': { maxHeight: '50vh', fontFamily: 'ui-monospace, "SF Mono", Menlo, Consolas, monospace' },
    '.cm-gutters': { color: 'var(--muted)', backgroundColor: 'var(--raised)', borderRight: '1px solid var(--line)' },
    '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'transparent' },
    '.cm-cursor': { borderLeftColor: 'var(--ink)' },
    '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { background: 'color-mix(in srgb, var(--accent) 25%, transparent)' },
    '.cm-tooltip': { color: 'var(--ink)', backgroundColor: 'var(--raised)', border: '1px solid var(--line)' },
    '.cm-tooltip-autocomplete ul li[aria-selected]': { color: 'var(--on-accent)', backgroundColor: 'var(--accent)' },
    '.cm-completionIcon': { display: 'none' },
    '.cm-completionDetail': { color: 'var(--muted)', fontStyle: 'normal' },
    '.cm-tooltip-autocomplete ul li[aria-selected] .cm-completionDetail': { color: 'inherit' },
    '.cm-panels': { color: 'var(--ink)', backgroundColor: 'var(--raised)' },
  })
}

/** Names of the catalog where they fit: after `table.` its columns, else tables and the columns of those that the statement names. */
export function completion(tables) {
  return async (context) => {
    const word = context.matchBefore(/[\w.]*/)
    if (!context.explicit && word.from === word.to) return null
    const known = await tables().catch(() => [])
    const text = context.state.doc.toString().toLowerCase()
    const dot = word.text.lastIndexOf('.')
    const named = known.filter(({ name }) => new RegExp(`\\b${name.replaceAll(/[^\w]/g, '.')}\\b`, 'i').test(text))
    if (dot >= 0) {
      const owner = word.text.slice(0, dot).toLowerCase()
      const table = known.find(({ name }) => name.toLowerCase() === owner) ?? named[0]
      return table ? { from: word.from + dot + 1, options: table.columns.map(column), validFor: /^\w*$/ } : null
    }
    const columns = new Map((named.length ? named : known.slice(0, 1)).flatMap((table) => table.columns.map((one) => [one.name, column(one)])))
    return { from: word.from, options: [...known.map(({ name, kind, meaning }) => ({ label: name, detail: kind, info: meaning, boost: 2 })), ...columns.values()], validFor: /^\w*$/ }
  }
}

const column = ({ name, type, meaning }) => ({ label: name, boost: 1, detail: type.toLowerCase().replace(' with time zone', 'tz').replace(/^(.{28}).+/, '$1…'), info: meaning || undefined })
