// numpy's dtype as pickles spell it: `dtype('f8', False, True)` and a state with byte order, fields and size.
import { PickleError } from '../pickle/cursor.ts'
import type { PickleValue } from '../pickle/machine.ts'

export interface Field {
  readonly name: string
  readonly dtype: Dtype
  /** Bytes from the start of the record. */
  readonly offset: number
}

/** Identity matters: a pickle makes one, remembers it, and only then gives it its state. */
export class Dtype {
  /** numpy's letter: f, i, u, b, U, S, V, O. */
  readonly kind: string
  /** Bytes of one element. */
  size: number
  bigEndian = false
  /** Of a record; null for plain elements. */
  fields: readonly Field[] | null = null

  constructor(kind: string, size: number) {
    this.kind = kind
    this.size = size
  }
}

const PLAIN: Readonly<Record<string, readonly number[]>> = {
  f: [2, 4, 8],
  i: [1, 2, 4, 8],
  u: [1, 2, 4, 8],
  b: [1],
  O: [8],
}
const LONGEST_ELEMENT = 1 << 20

/** @param text such as `f8`, `<i4`, `U12`, `O8`, `V64` or `?` @throws PickleError for complex numbers, dates and the rest */
export function parseDtype(text: PickleValue): Dtype {
  const spelt = text === '?' ? 'b1' : text === 'O' ? 'O8' : text
  const parts = typeof spelt === 'string' ? /^([<>|=]?)([a-zA-Z])(\d+)$/.exec(spelt) : null
  const [, order = '', kind = '', digits = ''] = parts ?? []
  const size = Number(digits)
  // U is declared in characters of four bytes here, though the state says bytes.
  const bytes = kind === 'U' ? size * 4 : size
  const known = PLAIN[kind]?.includes(size) ?? /^[USV]$/.test(kind)
  if (!known || bytes > LONGEST_ELEMENT) {
    throw new PickleError(`arrays of the type ${String(text).slice(0, 20)} are not read`)
  }
  const dtype = new Dtype(kind, bytes)
  dtype.bigEndian = order === '>'
  return dtype
}

/** `(version, order, subdtype, names, fields, size, alignment, flags)`; size is -1 where the letter says it. */
export function setDtypeState(dtype: PickleValue, state: PickleValue): Dtype {
  if (!(dtype instanceof Dtype) || !Array.isArray(state)) throw bad()
  const [, order, subdtype, names, fields, size] = state
  if (subdtype !== null) throw new PickleError('arrays of arrays are not read')
  if (typeof order !== 'string') throw bad()
  dtype.bigEndian = order === '>'
  if (names === null) return dtype
  if (!Array.isArray(names) || !(fields instanceof Map) || typeof size !== 'number') throw bad()
  if (!(size > 0 && size <= LONGEST_ELEMENT)) throw bad()
  dtype.size = size
  dtype.fields = names.map((name) => toField(name, fields.get(name), size))
  return dtype
}

function toField(name: unknown, entry: unknown, size: number): Field {
  const [dtype, offset] = Array.isArray(entry) ? entry : []
  if (typeof name !== 'string' || !(dtype instanceof Dtype) || !Number.isSafeInteger(offset)) {
    throw bad()
  }
  if (dtype.fields !== null || 'OVUS'.includes(dtype.kind)) {
    throw new PickleError('records of other than numbers are not read')
  }
  if (offset < 0 || offset + dtype.size > size) throw bad()
  return { name, dtype, offset }
}

const bad = (): PickleError => new PickleError('an array has no valid type')
