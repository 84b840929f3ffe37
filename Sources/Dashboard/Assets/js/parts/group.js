// One answer by many dimensions serves several cards: each sums its rows by the dimensions it shows.

/**
 * An answer by fewer dimensions. Only metrics that add up may be asked for: those that count events, or mails by event.
 *
 * Rows come by the first metric, the greatest first; those with nothing are left out. Each has its `share` of the total of the first metric.
 *
 * @param keep which of the answer's rows count.
 */
export function grouped(answer, dimensions, metrics, keep = () => true) {
  const groups = new Map()
  const totals = empty(metrics)
  for (const row of answer.rows) {
    if (!keep(row) || !metrics.some((name) => row[name])) continue
    const values = dimensions.map((name) => row[name] ?? null)
    const key = JSON.stringify(values)
    if (!groups.has(key)) groups.set(key, { ...Object.fromEntries(dimensions.map((name, at) => [name, values[at]])), ...empty(metrics) })
    for (const name of metrics) {
      groups.get(key)[name] += row[name]
      totals[name] += row[name]
    }
  }
  const [first] = metrics
  const rows = [...groups.values()].sort((one, other) => other[first] - one[first])
  for (const row of rows) row.share = totals[first] ? row[first] / totals[first] : 0
  const columns = [...dimensions, ...metrics].map((name) => answer.columns.find((column) => column.name === name))
  return { columns: columns.toSpliced(dimensions.length + 1, 0, shareColumn), rows, totals: { ...totals, share: rows.length ? 1 : null }, row_count: rows.length }
}

const empty = (metrics) => Object.fromEntries(metrics.map((name) => [name, 0]))
const shareColumn = { name: 'share', title: 'Share', kind: 'metric', unit: 'ratio' }

/** The largest values of a dimension by a metric, at most so many; the others are `other`, when there are any. */
export function largest(answer, dimension, metric, most) {
  return grouped(answer, [dimension], [metric]).rows.slice(0, most).map((row) => row[dimension])
}
