// The lines at which AWS acts, and where a rate stands to them.

/** AWS's lines for bounces: review and pause. */
export const bounceLines = [{ at: 0.05, title: 'review', tone: 'warn' }, { at: 0.1, title: 'pause', tone: 'danger' }]
/** AWS's lines for complaints. */
export const complaintLines = [{ at: 0.001, title: 'review', tone: 'warn' }, { at: 0.005, title: 'pause', tone: 'danger' }]

/** A line's rate as AWS writes it: 5 %, 0.1 %. */
export const lineText = ({ at }) => `${Number((at * 100).toFixed(3))} %`

/** Where a rate stands: `ok`, or the tone of the highest line it has crossed, or `near` within a fifth of the first. */
export function standing(rate, lines) {
  if (rate === null) return 'ok'
  const crossed = lines.filter((line) => rate >= line.at).at(-1)
  if (crossed) return crossed.tone ?? 'warn'
  return rate >= lines[0].at * 0.8 ? 'near' : 'ok'
}
