// What the reader may do. The server asks again; here it decides only what is offered.

const order = ['guest', 'viewer', 'analyst', 'admin', 'owner']
const role = document.querySelector('meta[name=role]')?.content ?? 'guest'

/** The reader's address. */
export const me = document.querySelector('.leave span')?.title ?? ''

/** Whether the reader may do what takes a role. */
export const may = (least) => order.indexOf(role) >= order.indexOf(least)
