// Literal values as pickles spell them: long integers, numbers as text, quoted strings.
import { PickleError } from './cursor.ts'

/** Python ints have no bound; no file that Duga reads needs more than this. */
const LONGEST_INTEGER = 1024

/** A number where it holds the integer exactly, else a bigint. */
export function toInteger(value: bigint): number | bigint {
  const rounded = Number(value)
  return Number.isSafeInteger(rounded) ? rounded : value
}

/** LONG1 and LONG4: two's complement, little-endian, any length; empty is 0. */
export function parseLong(bytes: Uint8Array): number | bigint {
  if (bytes.length > LONGEST_INTEGER) throw new PickleError('an integer is too long')
  if (bytes.length === 0) return 0
  const digits = Buffer.from(bytes).reverse().toString('hex')
  return toInteger(BigInt.asIntN(bytes.length * 8, BigInt(`0x${digits}`)))
}

/** INT: `00` and `01` are the booleans of protocol 0. */
export function parseInt0(text: string): number | bigint | boolean {
  if (text === '00') return false
  return text === '01' ? true : parseDecimal(text)
}

/** LONG and GET: decimal digits, with LONG's `L` or without. */
export function parseDecimal(text: string): number | bigint {
  if (!/^[+-]?\d+L?$/.test(text) || text.length > LONGEST_INTEGER) {
    throw new PickleError(`"${text.slice(0, 40)}" is not an integer`)
  }
  return toInteger(BigInt(text.replace(/^\+|L$/g, '')))
}

/** FLOAT, as Python's repr writes it. */
export function parseFloat0(text: string): number {
  const special: Record<string, number> = { inf: Infinity, '-inf': -Infinity, nan: NaN }
  const value = special[text] ?? Number(text)
  if (text.trim() === '' || (Number.isNaN(value) && text !== 'nan')) {
    throw new PickleError(`"${text.slice(0, 40)}" is not a number`)
  }
  return value
}

/**
 * STRING of protocol 0: a quoted Python literal. Escapes other than of quotes, backslashes, tabs
 * and newlines are refused.
 */
export function parseQuoted(text: string): string {
  const quote = text[0]
  if (text.length < 2 || (quote !== "'" && quote !== '"') || !text.endsWith(quote)) {
    throw new PickleError('a string is not quoted')
  }
  return text.slice(1, -1).replace(/\\(.)/g, (_, escaped: string) => unescape0(escaped))
}

/**
 * UNICODE of protocol 0: Python's raw-unicode-escape, Latin-1 with \\uXXXX and \\UXXXXXXXX for the
 * rest.
 */
export function parseRawUnicode(bytes: Uint8Array): string {
  const pattern = /\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g
  return Buffer.from(bytes)
    .toString('latin1')
    .replace(pattern, (_, short?: string, long?: string) => {
      const code = Number.parseInt(short ?? long!, 16)
      if (code > 0x10ffff) throw new PickleError('a text holds no valid character')
      return String.fromCodePoint(code)
    })
}

function unescape0(escaped: string): string {
  if (escaped === 'n') return '\n'
  if (escaped === 't') return '\t'
  if (escaped === '\\' || escaped === "'" || escaped === '"') return escaped
  throw new PickleError(`the escape \\${escaped} in a string is not read`)
}
