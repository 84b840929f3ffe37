// The dialog that makes a filter of any dimension, with the values that there are.

import { h, fill } from './dom.js'
import { state } from './state.js'
import { ask, words } from './api.js'
import { formDialog } from './parts/dialog.js'
import { capital, filterWords, label } from './format.js'

const operators = [
  ['is', 'is'], ['is_not', 'is not'], ['contains', 'contains'], ['not_contains', 'does not contain'], ['matches', 'matches (RE2)'],
  ['gt', 'is greater than'], ['gte', 'is at least'], ['lt', 'is less than'], ['lte', 'is at most'],
]

/** Opens the dialog; with a filter it changes that one. */
export async function filterDialog(filter = { field: 'isp', op: 'is', values: [''] }, index = -1) {
  const { dimensions } = await words()
  const named = [...dimensions.values()].filter((dimension) => !/[A-Z]/.test(dimension.name) && dimension.topic !== 'Time')
  const isTag = filter.field.includes(':')
  const field = h('select', { name: 'field' },
    [...Map.groupBy(named, (dimension) => dimension.topic)].map(([topic, list]) =>
      h('optgroup', { label: topic }, list.map((dimension) => h('option', { value: dimension.name, selected: dimension.name === filter.field }, dimension.title)))),
    h('optgroup', { label: 'By a name of yours' },
      ['tag', 'header', 'link_tag'].map((kind) => h('option', { value: `${kind}:`, selected: filter.field.startsWith(`${kind}:`) }, { tag: 'Message tag', header: 'Header', link_tag: 'Link tag' }[kind]))))
  const name = h('input', { name: 'name', placeholder: 'campaign', 'aria-label': 'Its name', value: isTag ? filter.field.slice(filter.field.indexOf(':') + 1) : '' })
  const op = h('select', { name: 'op', 'aria-label': 'Condition' }, operators.map(([value, title]) => h('option', { value, selected: value === filter.op }, title)))
  const value = h('input', { name: 'value', list: 'filter-values', autocomplete: 'off', 'aria-label': 'Value', value: filter.values.map((one) => one ?? '').join(', ') })
  const known = h('datalist', { id: 'filter-values' })
  const flag = h('select', { name: 'flag' })
  const asText = h('div', {}, h('label', {}, 'Condition', op), h('label', {}, 'Value', value), known,
    h('p', { class: 'muted' }, 'Several values with commas between them: any will do. Leave it empty for events that have none.'))
  const asFlag = h('label', {}, 'Condition', flag)
  const wanted = () => (field.value.endsWith(':') ? field.value + name.value.trim() : field.value)

  async function suggest() {
    name.hidden = !field.value.endsWith(':')
    name.required = !name.hidden
    asText.hidden = isFlag()
    asFlag.hidden = !isFlag()
    if (isFlag()) return drawFlag()
    fill(known)
    if (wanted().endsWith(':')) return
    try {
      const answer = await ask({ metrics: ['events'], dimensions: [wanted()], limit: 50, compare: false, order: ['-events'] })
      fill(known, answer.rows.map((row) => row[wanted()]).filter((one) => one !== null).map((one) => h('option', { value: String(one) }, label(wanted(), one, state.zone))))
    } catch { /* Without suggestions any value can be typed. */ }
  }
  // What is so or not is said in words: "Opened", "Not opened".
  const isFlag = () => dimensions.get(wanted())?.type === 'flag'
  function drawFlag() {
    const [first] = filter.values
    const chosen = first === null ? '' : String((filter.op === 'is_not') !== (first === 'true'))
    fill(flag, ['true', 'false', ...(wanted() === 'is_machine' ? [''] : [])].map((one) =>
      h('option', { value: one, selected: one === chosen && wanted() === filter.field }, capital(filterWords({ field: wanted(), op: 'is', values: [one || null] })))))
  }
  field.addEventListener('change', suggest)
  name.addEventListener('change', suggest)

  formDialog({
    title: index < 0 ? 'Add a filter' : 'Change the filter', button: 'Apply',
    content: [
      h('label', {}, 'Field', field), name, asText, asFlag],
    send: () => () => {
      const values = op.value.startsWith('is') ? value.value.split(',').map((one) => one.trim()) : [value.value.trim()]
      const next = isFlag() ? { field: wanted(), op: 'is', values: [flag.value] } : { field: wanted(), op: op.value, values }
      state.setFilters(state.filters.toSpliced(index < 0 ? Infinity : index, 1, next))
    },
  })
  suggest()
}
