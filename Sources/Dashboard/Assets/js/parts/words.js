// What a metric means, on hover and focus, wherever it stands.

/** Attributes that explain a metric of the dictionary. */
export function explained(metric) {
  if (!metric?.meaning) return {}
  const left = metric.left_out ? `\nLeft out: ${metric.left_out}.` : ''
  return { title: `${metric.meaning}\nCounted: ${metric.formula}.${left}` }
}
