// Lists of people by what they did: to count, to look at, to export and to keep.

import { h, fill } from '../dom.js'
import { state, go } from '../state.js'
import { ask, askCSV } from '../api.js'
import { whole } from '../format.js'
import { emptyPeriod } from '../parts/empty.js'
import { nothing } from '../parts/card.js'
import { askName } from '../parts/ask.js'
import { may } from '../parts/role.js'
import { table, columnsOf } from '../parts/table.js'
import { list, save, savedList } from '../saved.js'
import { segments } from './segments-kinds.js'

const most = 10_000

const chosen = () => segments.find(({ id }) => id === state.get('segment')) ?? segments[0]
const base = () => ({ metrics: chosen().columns, time_basis: 'sent', compare: false, filters: chosen().filters ?? [] })

/** The people of the segment. Opens of messages to several are nobody's, and stand in no list. */
const people = () => ({
  ...base(), dimensions: ['recipient'], having: chosen().having ?? [], order: [`-${chosen().by}`, 'recipient'], limit: 1_000,
  filters: [...base().filters, { field: 'recipient', op: 'is_not', values: [null] }],
})

/** All rows of it, however many. */
async function everybody() {
  let text = ''
  for (let offset = 0; ; offset += most) {
    const page = await askCSV({ ...people(), limit: most, offset })
    text += offset ? page.slice(page.indexOf('\n') + 1) : page
    if (page.split('\n').length - 2 < most) return text
  }
}

export const page = {
  title: 'Segments',
  draw(view) {
    const row = view.row()
    kinds(view, row)
    const memory = {}
    view.card({
      title: 'People', width: 'wide', csv: everybody,
      actions: () => may('analyst') && h('button', { class: 'plain', onclick: keep }, 'Save segment'),
      load: async (signal) => ({ people: await ask(people(), signal), all: chosen().filters ? await ask(base(), signal) : null }),
      isEmpty: (data) => {
        answer(view, data)
        return !data.people.row_count
      },
      empty: ({ people }) => (chosen().columns.some((name) => people.totals[name]) ? nothing('Nobody, in this period and with these filters.') : emptyPeriod(people)),
      draw: (body, { people }) => fill(body,
        h('div', { class: 'many-columns' }, table(people, {
          columns: columnsOf(people, view.words), bar: chosen().by, memory, shown: 25, caption: 'People of the segment',
          // Viewers see no addresses, so that theirs lead nowhere.
          link: (row) => may('analyst') && state.link(`/recipient/${encodeURIComponent(row.recipient)}`),
        })),
        people.row_count > people.rows.length && h('p', { class: 'muted' }, `The first ${whole(people.rows.length)} of ${whole(people.row_count)}; CSV has all of them.`)),
    }, row)
  },
}

// The count first. A segment of mails counts those too that are nobody's; one of people counts people.
function answer(view, { people, all }) {
  const count = people.row_count
  const persons = `${whole(count)} ${count === 1 ? 'person' : 'people'}`
  const { sentence, advice } = chosen()
  const number = (all ?? people).totals.mails
  const nobodys = all ? number - people.totals.mails : 0
  const mails = number === undefined ? '' : `${whole(number)} ${number === 1 ? 'mail' : 'mails'}`
  view.say([sentence(persons, mails), count ? ` ${advice}` : '', nobodys ? ` Who opened ${whole(nobodys)} of them SES does not say: they are messages to several people.` : ''])
}

function kinds(view, row) {
  const card = view.card({
    title: 'Segments', width: 'narrow', quiet: true, load: (signal) => list('segment', signal),
    draw: (body, saved) => {
      const link = (segment) => state.link('/segments', { segment: segment.id === segments[0].id ? null : segment.id })
      const isSaved = (item) => state.get('saved') === String(item.id)
      body.append(
        h('ul', { class: 'segments' }, segments.map((segment) => h('li', {},
          h('a', { href: link(segment), 'aria-current': !state.get('saved') && segment === chosen() ? 'true' : null }, segment.title)))),
        h('h3', {}, 'Saved'),
        saved.length ? savedList(saved, {
          open: (item) => h('a', { href: savedLink(item), 'aria-current': isSaved(item) ? 'true' : null }, item.name), removed: () => card.reload(view.signal),
        }) : h('p', { class: 'muted' }, 'None yet. Filter, then save: the list is made anew each time it is opened.'))
    },
  }, row)
  view.saved = card
}

const savedLink = ({ id, content }) => state.link('/segments', { segment: content.segment, filters: content.filters, saved: id })

function keep() {
  const { filters } = state
  askName({
    title: 'Save the segment', placeholder: 'Spring, not clicked',
    hint: `${chosen().title}${['', ', with the filter above'][filters.length] ?? `, with the ${filters.length} filters above`}. Who is in it is found anew each time.`,
    send: async (name) => {
      const item = await save('segment', name, { segment: chosen().id, filters })
      return () => go(savedLink(item))
    },
  })
}
