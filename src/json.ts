// A value that JSON can hold.
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json }

/** Deeper than any layer within a model, within a model … is written. */
const DEEPEST = 1000

/**
 * What JSON of a hostile file holds: brackets within brackets by the million cost the parser minutes and gigabytes.
 * @throws SyntaxError where it is no JSON, or nested deeper than `most`
 */
export function parseUntrusted(text: string, most = DEEPEST): unknown {
  let depth = 0
  let quoted = false
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === 0x22) quoted = !quoted
    else if (quoted && code === 0x5c) at += 1
    else if (!quoted && (code === 0x5b || code === 0x7b)) depth += 1
    else if (!quoted && (code === 0x5d || code === 0x7d)) depth -= 1
    if (depth > most) throw new SyntaxError(`more than ${most} brackets are open at once`)
  }
  return JSON.parse(text)
}
