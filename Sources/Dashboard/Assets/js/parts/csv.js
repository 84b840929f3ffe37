// Rows as CSV, RFC 4180, for what no query gives.

/** Text of CSV: `columns` are `{ name, title }` or names. */
export function csv(columns, rows) {
  const names = columns.map((column) => column.name ?? column)
  return [names, ...rows.map((row) => names.map((name) => row[name]))].map((line) => line.map(field).join(',') + '\n').join('')
}

function field(value) {
  if (value === null || value === undefined) return ''
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
