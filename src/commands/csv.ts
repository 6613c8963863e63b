// Lines of CSV (RFC 4180) that are safe to open in a spreadsheet.

/**
 * One line with its line end. Text that a spreadsheet would take for a formula gets an apostrophe in front
 * (OWASP, CSV Injection); numbers stay numbers; null is empty.
 */
export function toCsvLine(cells: readonly unknown[]): string {
  return `${cells.map(toCell).join(',')}\r\n`
}

function toCell(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number') return String(value)
  const text = String(value)
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
