// A link that shows this page, as it is, to whoever has it.

import { h } from './dom.js'
import { state } from './state.js'
import { call, question, words } from './api.js'
import { spanTitle } from './frame.js'
import { formDialog } from './parts/dialog.js'
import { secret } from './parts/copy.js'

/** Opens the dialog that makes a share link of the page. */
export async function shareDialog(title) {
  await words()
  const { date_range, time_zone, compare, filters } = question({})
  const query = new URLSearchParams(location.search)
  query.set('tz', time_zone)
  formDialog({
    title: `Share ${title}`, button: 'Make a link',
    content: [
      h('p', { class: 'dialog-words' }, `Whoever has the link sees this page and no other: ${spanTitle(state.period)}${filters.length ? ', with the filters that are set' : ', all mail'}. They can change nothing, and addresses are masked.`),
      h('label', {}, 'It ends after', h('select', { name: 'days' }, [1, 7, 30, 90, 365].map((days) => h('option', { value: days, selected: days === 30 }, days === 1 ? 'a day' : `${days} days`)))),
      h('p', { class: 'muted' }, 'Settings lists all links and can end each at any time. They work while you may share.')],
    send: async (data) => {
      const made = await call('POST', '/api/v1/shares', {
        body: { path: location.pathname, query: query.toString(), bounds: { date_range, time_zone, filters, ...(compare ? { compare } : {}) }, expires_days: Number(data.get('days')) },
      })
      return { title: `Share ${title}`, content: secret('Link', location.origin + made.link, 'It is not shown again. Who has it needs no password, so send it as you would send the numbers themselves.') }
    },
  })
}
