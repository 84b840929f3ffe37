// How far a mail came, in a word with its colour and in a sentence.

import { h } from '../dom.js'
import { state } from '../state.js'
import { may } from './role.js'

const fates = {
  sent: ['', 'SES took it and has said no more since'],
  delayed: ['warn', 'it is delayed, and SES keeps trying'],
  rejected: ['danger', 'SES refused to send it'],
  'rendering failed': ['danger', 'its template could not be filled in, so nothing was sent'],
  delivered: ['ok', 'it was delivered'],
  'soft bounced': ['warn', 'it bounced for now'],
  bounced: ['danger', 'it bounced'],
  opened: ['ok', 'it was delivered and opened'],
  clicked: ['ok', 'it was delivered, and a link was followed'],
  unsubscribed: ['ok', 'it was delivered and led to an unsubscription'],
  complained: ['danger', 'it was delivered and called spam'],
}

/** What became of a mail, in a sentence's part. */
export const fateWords = (name) => fates[name]?.[1] ?? name
/** Its tone: ok, warn, danger or none. */
export const fateTone = (name) => fates[name]?.[0] ?? ''
/** The state with its colour. */
export const fateMark = (name) => h('span', { class: `fate ${fateTone(name)}` }, name)

/** The address of a message's journey. */
export const messageLink = (id) => state.link(`/message/${encodeURIComponent(id)}`)
/** The address of a recipient's life; none where the address is hidden from the reader. */
export const recipientLink = (address) => (isHidden(address) ? null : state.link(`/recipient/${encodeURIComponent(address)}`))
/** Whether an address is hidden from viewers. */
export const isHidden = (address) => !may('analyst') && address.includes('***@')

/** A recipient as a link, where it leads somewhere. */
export function recipientName(address) {
  const href = recipientLink(address)
  return href ? h('a', { href }, address) : h('span', {}, address)
}
