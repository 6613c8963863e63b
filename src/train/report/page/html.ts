// HTML from templates in which everything is text unless it was made here.

/** Text that is HTML already. */
export interface Html {
  readonly html: string
}

type Part = string | number | Html | null | readonly Html[]

/** A template whose values are escaped, except those that are `Html`; null is nothing. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const text = strings.map((string, i) => string + (i < parts.length ? toHtml(parts[i]!) : ''))
  return { html: text.join('') }
}

/** For text and quoted attributes. Characters that no page may hold become a replacement character. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll(/[^\P{Cc}\t\n\r]/gu, '�')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

function toHtml(part: Part): string {
  if (part === null) return ''
  if (typeof part === 'string' || typeof part === 'number') return escapeHtml(String(part))
  return 'html' in part ? part.html : part.map((one) => one.html).join('')
}
