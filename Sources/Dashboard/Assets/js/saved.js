// Things that people save, such as segments: for now in this browser alone, behind the questions that a server would be asked.

const place = (kind) => `saved:${kind}`

function read(kind) {
  try {
    const found = JSON.parse(localStorage.getItem(place(kind)) ?? '[]')
    return Array.isArray(found) ? found : []
  } catch {
    return []
  }
}

const write = (kind, items) => localStorage.setItem(place(kind), JSON.stringify(items))

/** What was saved of a kind, by name: `{ id, name, content }` each. */
export const list = async (kind) => read(kind).toSorted((one, other) => one.name.localeCompare(other.name))

/** Saves `content`, an object; what has the kind and the name is replaced. */
export async function save(kind, name, content) {
  const item = { id: crypto.randomUUID?.() ?? String(Date.now()), name, content }
  write(kind, [...read(kind).filter((other) => other.name !== name), item])
  return item
}

/** Removes what was saved. */
export async function remove(id) {
  for (const kind of ['segment', 'sql', 'view']) write(kind, read(kind).filter((item) => item.id !== id))
}

/** Whether the reader may save. */
export const maySave = () => document.querySelector('meta[name=role]')?.content !== 'viewer'
