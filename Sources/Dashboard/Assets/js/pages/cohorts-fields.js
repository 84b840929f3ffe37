// Which dimension something is told apart by: Sesame's own, a tag or header by its name, or a column of a dataset, with how it is joined.

import { h } from '../dom.js'
import { state } from '../state.js'
import { askTag, namedTitle } from '../parts/ask.js'
import { datasets, probableKey } from '../parts/catalog.js'
import { formDialog } from '../parts/dialog.js'
import { choice } from '../parts/menu.js'
import { may } from '../parts/role.js'

/** The joins that the address has, as the API wants them. */
function joins() {
  try {
    return JSON.parse(state.get('join') ?? '{}')
  } catch {
    return {}
  }
}

/** The dataset of a dimension's name; null for others. */
export const datasetOf = (name) => (/^(tag|header|link_tag):/.test(name) || !name.includes('.') ? null : name.slice(0, name.indexOf('.')))

/** The joins that dimensions need, as a part of a query. */
export function joined(...names) {
  const known = joins()
  const wanted = names.map(datasetOf).filter((name) => name in known)
  return wanted.length ? { join: Object.fromEntries(wanted.map((name) => [name, known[name]])) } : {}
}

/** The datasets there are; none where the reader may not know them. */
export const knownDatasets = async () => (may('analyst') ? datasets() : [])

/** What a dimension is called. */
export const fieldTitle = (view, name) => view.words.dimensions.get(name)?.title ?? namedTitle(name) ?? name

/** A menu of dimensions. `parameter` is where the choice stands in the address, `plain` the one where nothing stands there. */
export function fieldMenu(view, { title, parameter, plain, known }) {
  const chosen = state.get(parameter) ?? plain
  const groups = Map.groupBy([...view.words.dimensions.values()].filter(({ name }) => !/[A-Z]/.test(name)), ({ topic }) => topic)
  const option = (value, text) => h('option', { value, selected: value === chosen }, text)
  const isListed = view.words.dimensions.has(chosen) || known.some(({ name, columns }) => columns.some((column) => `${name}.${column.name}` === chosen))
  const select = h('select', { onchange: () => choose(select.value) },
    !isListed && option(chosen, fieldTitle(view, chosen)),
    [...groups].map(([topic, dimensions]) => h('optgroup', { label: topic }, dimensions.map(({ name, title }) => option(name, title)))),
    known.map(({ name, columns }) => h('optgroup', { label: `Dataset ${name}` }, columns.map((column) => option(`${name}.${column.name}`, `${name}.${column.name}`)))),
    h('optgroup', { label: 'By a name' }, option('tag:', 'A message tag…'), option('header:', 'A header…'), option('.', 'A column of a dataset…')))
  const set = (value, join = joins()) => state.set({ [parameter]: value === plain ? null : value, join: Object.keys(join).length ? JSON.stringify(join) : null })
  const cancelled = () => { select.value = chosen }

  function choose(value) {
    if (value.endsWith(':')) return askTag(value, set, cancelled)
    const dataset = datasetOf(value)
    if (dataset === null) return set(value)
    const columns = known.find(({ name }) => name === dataset)
    const key = joins()[dataset] ?? asJoin(columns && probableKey(columns))
    if (key) return set(value, { ...joins(), [dataset]: key })
    askJoin(value, known, (name, join) => set(name, { ...joins(), ...join }), cancelled)
  }
  return h('label', { class: 'field' }, title, select)
}

const asJoin = (key) => (key ? { [key.key]: key.column } : null)

// What is joined by what, where it cannot be told by the columns' names.
function askJoin(value, known, done, cancelled) {
  const [dataset, column] = value === '.' ? ['', ''] : [datasetOf(value), value.slice(value.indexOf('.') + 1)]
  const input = (name, text, placeholder) => h('input', { name, value: text, placeholder, required: true, autocomplete: 'off' })
  const [name, shown, key] = [input('dataset', dataset, 'customers'), input('column', column, 'region'), input('key', '', 'email')]
  const by = h('select', { name: 'by' }, h('option', { value: 'recipient' }, 'the recipient\'s address'), h('option', { value: 'message' }, 'SES\'s message id'))
  formDialog({
    title: 'A column of a dataset', button: 'Show', cancelled,
    content: [
      h('label', {}, 'Dataset', name), h('label', {}, 'Column to show', shown), h('label', {}, 'Its rows are found by', by), h('label', {}, 'which stands in the column', key),
      h('p', { class: 'muted' }, known.length ? `There are: ${known.map((one) => one.name).join(', ')}.` : 'sesame dataset list shows those there are.')],
    send: () => () => done(`${name.value.trim()}.${shown.value.trim()}`, { [name.value.trim()]: { [by.value]: key.value.trim() } }),
  })
}

/** A field of a card that is no dimension. */
export const field = (title, parameter, options, plain) => h('label', { class: 'field' }, title, choice(title, parameter, options, { plain }))

/** How one's own data comes here; a sentence where there is some. */
export function teach(known) {
  if (known.length) return null
  return h('div', { class: 'teach' },
    h('p', {}, 'Regions, plans, orders: a file of yours becomes columns here.'),
    h('pre', {}, 'sesame dataset add customers customers.csv   # email,region,plan'),
    h('p', { class: 'muted' }, 'CSV, JSON or Parquet, with a column of addresses or of SES\'s message ids. Or add it on the page ', h('a', { href: state.link('/sql') }, 'SQL'), '.'))
}
