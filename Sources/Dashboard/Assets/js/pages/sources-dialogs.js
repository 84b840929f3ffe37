// Adding a source, and what is done to one: what to paste in AWS, a test event, its secret, a pause, its end.

import { h, fill } from '../dom.js'
import { call } from '../api.js'
import { formDialog, openDialog, sure } from '../parts/dialog.js'
import { secret } from '../parts/copy.js'
import { trouble } from '../parts/card.js'
import { setup } from './sources-setup.js'
import { firstEvent, testButton } from './sources-test.js'

const kinds = [
  ['sns', 'SNS', 'SES → SNS topic → HTTPS. The usual way; signed by AWS.', ['topic_arns', 'raw', 'accept_signature_v1']],
  ['firehose', 'Firehose', 'SES → Firehose → HTTPS, in batches. For much mail.', []],
  ['eventbridge', 'EventBridge', 'SES → EventBridge rule → API destination.', ['authentication']],
  ['sqs', 'SQS queue', 'Sesame fetches; nothing has to be open to the internet.', ['queue_url', 'region', 'access_key_id', 'secret_access_key']],
  ['s3', 'S3 bucket', 'Sesame fetches objects under a prefix, such as those of an older system.', ['bucket', 'prefix', 'region', 'queue_url', 'every', 'access_key_id', 'secret_access_key']],
  ['http', 'HTTP', 'Any program posts events as JSON, with a token.', []],
  ['firehose-api', 'Firehose API', 'Programs with any AWS SDK send here in place of AWS.', []],
]

const fields = {
  topic_arns: { title: 'Topic ARNs', hint: 'One a line. Messages of other topics are refused.', area: true, required: true, placeholder: 'arn:aws:sns:eu-west-1:123456789012:ses-events' },
  raw: { title: 'Raw delivery, without signatures; a secret takes their place', flag: true },
  accept_signature_v1: { title: 'Signatures of version 1 (SHA-1) too', flag: true },
  authentication: { title: 'Authentication', choices: [['api-key', 'API key'], ['basic', 'Basic']] },
  bucket: { title: 'Bucket', required: true, placeholder: 'acme-ses-events' },
  prefix: { title: 'Prefix', placeholder: 'events/' },
  region: { title: 'Region', required: true, placeholder: 'eu-west-1' },
  queue_url: { title: 'Queue URL', placeholder: 'https://sqs.eu-west-1.amazonaws.com/123456789012/ses-events' },
  every: { title: 'Seconds between two listings', number: true, placeholder: '60' },
  access_key_id: { title: 'Access key id', hint: "Empty: the machine's role or environment." },
  secret_access_key: { title: 'Its secret', password: true },
}

/** The dialog that adds a source. `done` is called when there is one more. */
export function addDialog(done) {
  const options = h('div', {})
  const hint = h('p', { class: 'muted' })
  const kind = h('select', { name: 'kind', onchange: choose }, kinds.map(([value, title]) => h('option', { value }, title)))
  function choose() {
    const [name, , words, wanted] = kinds.find(([value]) => value === kind.value)
    fill(hint, words)
    fill(options, wanted.map((option) => field(option, name)))
  }
  choose()
  formDialog({
    title: 'Add a source', button: 'Add it', wide: true,
    content: [
      h('label', {}, 'How events come', kind), hint,
      h('label', {}, 'Name', h('input', { name: 'name', required: true, pattern: '[a-z0-9][a-z0-9_\\-]{0,62}', title: 'a to z, 0 to 9, - and _', autocomplete: 'off', placeholder: 'my-events' })),
      options],
    send: async (data) => {
      const added = await call('POST', '/api/v1/sources', { body: order(data) })
      done()
      return next(added, done)
    },
  })
}

function field(name, kind) {
  const { title, hint, area, flag, choices, number, password, required, placeholder } = fields[name]
  const needed = required || (name === 'queue_url' && kind === 'sqs')
  if (flag) return h('label', { class: 'check' }, h('input', { type: 'checkbox', name }), ' ', title)
  const attributes = { name, required: needed, placeholder, autocomplete: 'off', spellcheck: 'false' }
  const input = area ? h('textarea', { ...attributes, rows: 2 })
    : choices ? h('select', { name }, choices.map(([value, words]) => h('option', { value }, words)))
      : h('input', { ...attributes, type: password ? 'password' : number ? 'number' : 'text', autocomplete: password ? 'new-password' : 'off' })
  return h('label', {}, title, input, hint && h('span', { class: 'muted hint' }, hint))
}

// What the form says, as the API wants it.
function order(data) {
  const body = {}
  for (const [name, text] of data) {
    const { area, flag, number } = fields[name] ?? {}
    if (flag) body[name] = true
    else if (area) body[name] = text.split(/\s+/).filter(Boolean)
    else if (text.trim() !== '') body[name] = number ? Number(text) : text.trim()
  }
  return body
}

// What is to be done after it was added.
function next({ source, secret: text }, done) {
  const content = h('div', {},
    text && secret(source.kind === 'firehose-api' ? `Secret access key of ${source.access_key_id}` : 'Secret', text, 'It is not shown again. The set-up below asks for it as SESAME_SECRET, SesameSecret or var.sesame_secret.'),
    setup(source), firstEvent(source), testButton(source, done))
  return { title: `${source.name} is added`, content }
}

/** The dialog of one source. */
export function manageDialog(source, done) {
  const dialog = openDialog(h('div', {}))
  dialog.classList.add('wide')
  const close = h('button', { onclick: () => dialog.close('') }, 'Close')
  const problem = h('div', { role: 'alert' })
  const pausing = source.state === 'paused' ? 'resume' : 'pause'
  const change = async (work) => {
    try {
      await work()
      dialog.close('')
      done()
    } catch (error) {
      fill(problem, trouble(error))
    }
  }
  fill(dialog, h('h2', {}, source.name), h('p', { class: 'muted' }, facts(source)),
    source.last_error && h('p', { class: 'problem' }, `Last error: ${source.last_error}`),
    setup(source), firstEvent(source), testButton(source, done), problem,
    h('div', { class: 'dialog-buttons spread' }, close,
      h('span', { class: 'row-buttons' },
        h('button', { class: 'quiet', onclick: () => change(() => call('POST', `/api/v1/sources/${source.name}/${pausing}`)) }, pausing === 'pause' ? 'Pause' : 'Take events again'),
        source.has_secret && h('button', { class: 'quiet', onclick: () => { dialog.close(''); rotate(source, done) } }, 'New secret'),
        h('button', { class: 'danger', onclick: () => { dialog.close(''); remove(source, done) } }, 'Remove'))))
  close.focus()
}

const facts = (source) => [source.kind, source.endpoint && `POST ${source.endpoint}`, ...(source.topic_arns ?? []),
  source.bucket && `${source.bucket}/${source.prefix ?? ''}`, source.queue_url, source.region, source.access_key_id].filter(Boolean).join(' · ')

const rotate = (source, done) => formDialog({
  title: `A new secret for ${source.name}`, button: 'Make it',
  content: [h('label', {}, 'Minutes for which the old one stays good', h('input', { name: 'grace', type: 'number', min: 0, max: 10_080, value: 60, required: true })),
    h('p', { class: 'muted' }, 'Long enough to tell AWS the new one without losing an event; 0 where the old one has leaked.')],
  send: async (data) => {
    const made = await call('POST', `/api/v1/sources/${source.name}/rotate`, { body: { grace_minutes: Number(data.get('grace')) } })
    done()
    return { title: `A new secret for ${source.name}`, content: secret('Secret', made.secret) }
  },
})

const remove = (source, done) => sure({
  title: `Remove ${source.name}?`, button: 'Remove it',
  words: 'Nothing comes by it from then on, and its secret is worthless. The events that it brought stay.',
  send: async () => {
    await call('DELETE', `/api/v1/sources/${source.name}`)
    done()
  },
})
