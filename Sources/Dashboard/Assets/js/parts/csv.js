// Rows as CSV, as the API writes it: RFC 4180, a header, nothing where there is no value.

/** The rows of an answer, or of what was made of one; columns have a `name`, and those of the page alone are left to it. */
export function csv({ columns, rows }) {
  const names = columns.map(({ name }) => name)
  return [names, ...rows.map((row) => names.map((name) => row[name]))].map((fields) => `${fields.map(field).join(',')}\n`).join('')
}

function field(value) {
  const text = value === null || value === undefined ? '' : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
