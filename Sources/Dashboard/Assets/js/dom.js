// Builds elements. Text only ever becomes text: what came in a mail's subject cannot become markup.

/** An element: `h('a', { href, class: 'x', onclick }, 'text', child, [more])`. null and false are left out. A button sends its form if its type says so. */
export function h(tag, properties = {}, ...children) {
  const element = tag.startsWith('svg:')
    ? document.createElementNS('http://www.w3.org/2000/svg', tag.slice(4))
    : document.createElement(tag)
  if (tag === 'button') element.type = 'button'
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value)
    else if (name === 'style') for (const [key, text] of Object.entries(value)) element.style.setProperty(key, text)
    else element.setAttribute(name, value === true ? '' : value)
  }
  add(element, children)
  return element
}

function add(element, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue
    if (Array.isArray(child)) add(element, child)
    else element.append(child)
  }
}

/** Puts children in the place of what an element holds. */
export function fill(element, ...children) {
  element.replaceChildren()
  add(element, children)
  return element
}

/** Changes what is in an element; who stood on its third button stands on its third button again. */
export function keepingFocus(root, change) {
  const active = document.activeElement
  const alike = () => [...root.querySelectorAll(active.tagName)]
  const place = active && root.contains(active) && active !== root ? alike().indexOf(active) : -1
  change()
  if (place >= 0) alike()[place]?.focus({ preventScroll: true })
}

/** Something wide that scrolls by itself, by keyboard too. */
export const framed = (label, ...children) => h('div', { class: 'table-frame', tabindex: 0, role: 'region', 'aria-label': label }, children)

/** Saves bytes as a file of the browser's. */
export function download(name, content, type) {
  const url = content instanceof Blob ? URL.createObjectURL(content) : URL.createObjectURL(new Blob([content], { type }))
  const link = h('a', { href: url, download: name })
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

/** Says something to those who hear the page and do not see it. */
export function announce(text) {
  document.getElementById('announcer').textContent = text
}
