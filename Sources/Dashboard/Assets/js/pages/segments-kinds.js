// The segments that everybody wants: of mails by what became of them, or of people by all of their mail.

const flag = (field, value) => ({ field, op: 'is', values: [value] })
const atLeast = (field, value) => ({ field, op: 'gte', value })
const engagement = ['unique_opens', 'unique_human_opens', 'unique_human_clicks']
const none = (field) => ({ field, op: 'is', value: 0 })

/**
 * `filters` are of mails, `having` of people. `columns` are the metrics, `by` the one that ranks. `sentence(people, mails)` says what they are, `advice` what to do.
 */
export const segments = [
  {
    id: 'opened-not-clicked', title: 'Opened, not clicked', by: 'mails', columns: ['mails', ...engagement],
    filters: [flag('was_opened', true), flag('was_clicked', false)],
    sentence: (people, mails) => `${mails} to ${people} were opened and not clicked in, by people or machines.`, advice: 'Interested and not convinced: a reminder or a plainer call may do.',
  },
  {
    id: 'read-not-clicked', title: 'Opened by a person, not clicked', by: 'mails', columns: ['mails', ...engagement],
    filters: [flag('was_opened_by_person', true), flag('was_clicked_by_person', false)],
    sentence: (people, mails) => `${mails} to ${people} were opened by a person, and nobody clicked.`, advice: 'Interested and not convinced: a reminder or a plainer call may do.',
  },
  {
    id: 'never-opened', title: 'Delivered three times, never opened', by: 'deliveries', columns: ['deliveries', 'unique_opens'], having: [atLeast('deliveries', 3), none('unique_opens')],
    sentence: (people) => `${people} got three mails or more and opened none.`, advice: 'Ask them once whether they want to stay, then leave them out: they cost reputation.',
  },
  {
    id: 'hard-bounced', title: 'Hard bounced', by: 'hard_bounces', columns: ['hard_bounces', 'counted_bounces', 'soft_bounces', 'deliveries'], having: [atLeast('hard_bounces', 1)],
    sentence: (people) => `Mail to ${people} bounced for good.`, advice: 'Take them off your lists: every further mail counts against you.',
  },
  {
    id: 'complained', title: 'Complained', by: 'complaints', columns: ['complaints', 'deliveries', ...engagement], having: [atLeast('complaints', 1)],
    sentence: (people) => `${people} complained.`, advice: 'Never write to them again.',
  },
  {
    id: 'only-machines', title: 'Only machines opened', by: 'unique_opens', columns: ['deliveries', ...engagement, 'machine_opens'], having: [atLeast('unique_opens', 1), none('unique_human_opens')],
    sentence: (people) => `Of the mail to ${people}, machines alone opened any.`, advice: 'Nobody is known to have read it: do not count them as readers.',
  },
  {
    id: 'everybody', title: 'Everybody the filters let through', by: 'mails', columns: ['mails', 'deliveries', ...engagement, 'hard_bounces', 'complaints'],
    sentence: (people, mails) => `${mails} to ${people}.`, advice: 'Add filters above to make a segment of your own.',
  },
]
