// Rows as CSV, as the API writes it: RFC 4180, a header, nothing where there is no value.

/** The rows of an answer, or of what was made of one; columns are names or have one, and those without a title are buttons. */
export function csv({ columns, rows }) {
  const names = columns.filter(({ title }) => title !== '').map((column) => column.name ?? column)
  return [names, ...rows.map((row) => names.map((name) => row[name]))].map((fields) => `${fields.map(field).join(',')}\n`).join('')
}

function field(value) {
  if (value === null || value === undefined) return ''
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
