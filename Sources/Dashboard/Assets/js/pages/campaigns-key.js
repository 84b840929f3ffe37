// What tells campaigns apart: a message tag, a header, or something else that mails have. The choice is in the address. And the question of all of them.

import { h } from '../dom.js'
import { state } from '../state.js'
import { ask } from '../api.js'
import { askTag, namedTitle } from '../parts/ask.js'
import { menu } from '../parts/menu.js'

const plain = [
  ['campaign', 'Tag campaign'], ['configuration_set', 'Configuration set'], ['subject', 'Subject'], ['template', 'Template'], ['identity', 'Identity'],
]

/** The dimension by which campaigns are told apart. */
export function campaignKey() {
  const wanted = state.get('key') ?? 'campaign'
  return wanted === 'tag:campaign' ? 'campaign' : wanted
}

/** What the key is called: "Tag team", "Subject". */
export const keyTitle = (key = campaignKey()) => namedTitle(key) ?? plain.find(([value]) => value === key)?.[1] ?? key

/** A campaign's name as people read it. */
export const nameOf = (value, key = campaignKey()) => (value === null || value === '' ? `(no ${keyTitle(key).toLowerCase()})` : String(value))

/** The rates of the table, in its order. */
export const rates = ['delivery_rate', 'bounce_rate', 'complaint_rate', 'open_rate', 'click_rate', 'click_to_open_rate', 'unsubscribe_rate']

/** The question for all campaigns, as the table shows them. Everything counts where its mail was sent. */
export const shown = () => ({ metrics: ['sends', ...rates], dimensions: [campaignKey()], order: ['-sends', campaignKey()], time_basis: 'sent', limit: 1_000 })

/** All campaigns: one answer for the table, the medians and the comparison. */
export const campaigns = (signal) => ask({ ...shown(), metrics: [...shown().metrics, 'eligible_sends', 'counted_bounces', 'counted_complaints', 'deliveries', 'unique_human_opens'] }, signal)

/** The address of a campaign's own part. */
export const campaignLink = (name) => state.link('/campaigns', { key: state.get('key'), name: name ?? '' })

/** The menu of keys; tags and headers ask for a name. */
export function keyMenu() {
  const key = campaignKey()
  const isOwn = !plain.some(([value]) => value === key)
  const select = menu('Campaigns are told apart by', [
    ...plain, ...(isOwn ? [[key, keyTitle(key)]] : []), ['tag:', 'Another message tag…'], ['header:', 'A header…'],
  ], key, (value) => (value.endsWith(':') ? askTag(value, choose, () => { select.value = key }) : choose(value)))
  return select
}

const choose = (key) => state.set({ key: key === 'campaign' ? null : key, pick: null })

/** What to do where no mail has such a campaign. */
export function noCampaigns() {
  const key = campaignKey()
  const [kind, name] = key === 'campaign' ? ['tag', 'campaign'] : key.split(':')
  return h('div', { class: 'empty' },
    h('p', {}, `No mail of this period has ${{ tag: `the message tag ${name}`, header: `a header ${name}` }[kind] ?? `a ${keyTitle(key).toLowerCase()}`}.`),
    kind === 'tag' && h('p', {}, 'Give it to SES with each mail, and campaigns stand here by themselves:'),
    kind === 'tag' && h('pre', {}, `aws sesv2 send-email … --configuration-set-name NAME --email-tags Name=${name},Value=spring`),
    key === 'template' && h('p', {}, 'SES names templates on rendering failures alone; a tag with the template\'s name does better.'),
    h('p', {}, `${kind === 'tag' ? 'Or choose' : 'Choose'} something else above that tells your mails apart, such as the subject.`))
}
