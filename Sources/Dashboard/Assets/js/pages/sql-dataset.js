// A file of one's own becomes a table to join with.

import { h } from '../dom.js'
import { call } from '../api.js'
import { whole } from '../format.js'
import { forgetCatalog } from '../parts/catalog.js'
import { formDialog } from '../parts/dialog.js'
import { may } from '../parts/role.js'

const modes = [['create', 'Leave it as it is'], ['replace', 'Put these rows in its place'], ['append', 'Add these rows to it']]

/** Asks for a file and a name; `done` hears that there is a table more. */
export function addDataset(done) {
  const name = h('input', { name: 'name', required: true, pattern: '[a-z][a-z0-9_]{0,62}', title: 'a to z, 0 to 9 and _, a letter first', autocomplete: 'off', placeholder: 'orders' })
  const suggest = ({ target }) => { name.value ||= target.files[0]?.name.split('.')[0].toLowerCase().replaceAll(/[^a-z0-9]+/g, '_').replace(/^[^a-z]+/, '') ?? '' }
  formDialog({
    title: 'Add a dataset', button: 'Add it', content: [
      h('label', {}, 'File', h('input', { name: 'file', type: 'file', required: true, onchange: suggest }), h('span', { class: 'muted hint' }, 'CSV, JSON or Parquet. The first line of a CSV names its columns; times without a zone are UTC.')),
      h('label', {}, 'Name of the table', name),
      may('admin') && h('label', {}, 'If there is one of that name', h('select', { name: 'mode' }, modes.map(([value, words]) => h('option', { value }, words))))],
    send: async (data) => {
      const file = data.get('file')
      const made = await call('PUT', `/api/v1/datasets/${name.value}?mode=${data.get('mode') ?? 'create'}&file=${encodeURIComponent(file.name)}`, { body: file })
      forgetCatalog()
      done()
      return { title: `${made.name} is ready`, content: [
        h('p', { class: 'dialog-words' }, `${whole(made.rows)} ${made.rows === 1 ? 'row' : 'rows'} of ${file.name}, for everybody of this workspace to ask and join. Its columns:`),
        h('ul', { class: 'picks' }, made.columns.map(({ name, type }) => h('li', {}, h('code', {}, name), h('span', { class: 'muted' }, `\u00a0 ${type}`))))] }
    },
  })
}
