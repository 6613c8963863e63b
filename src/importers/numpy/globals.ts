// numpy's part of the closed set of globals: arrays, dtypes and scalars as numpy 1 and 2 pickle them.
import { PickleError } from '../pickle/cursor.ts'
import { GlobalReference, type PickleGlobal, type PickleValue } from '../pickle/machine.ts'
import { toInteger } from '../pickle/values.ts'
import { type Budget, countOf, NumpyArray, spend, toValues } from './array.ts'
import { Dtype, parseDtype, setDtypeState } from './dtype.ts'

/** Bytes that an object in an array costs here, at least. */
const OBJECT_BYTES = 16

const SCALAR_TYPES = [
  ...['bool_', 'bool', 'int8', 'int16', 'int32', 'int64', 'intc', 'longlong', 'uint8', 'uint16'],
  ...['uint32', 'uint64', 'float16', 'float32', 'float64', 'str_', 'object_'],
]

/** @param budget shared by all arrays of one file */
export function createNumpyGlobals(budget: Budget): Record<string, PickleGlobal> {
  const reconstruct: PickleGlobal = {
    construct: () => new NumpyArray(),
    setState: (value, state) => setArrayState(value, state, budget),
  }
  const frombuffer: PickleGlobal = { construct: (args) => fromBuffer(args, budget) }
  const scalar: PickleGlobal = { construct: toScalar }
  const both = (module: string, name: string, global: PickleGlobal) => ({
    [`numpy.core.${module} ${name}`]: global,
    [`numpy._core.${module} ${name}`]: global,
  })
  return {
    '_codecs encode': { construct: encodeLatin1 },
    'numpy ndarray': {},
    'numpy memmap': {},
    'numpy matrix': {},
    'numpy dtype': { construct: ([text]) => toDtype(text), setState: setDtypeState },
    ...both('multiarray', '_reconstruct', reconstruct),
    ...both('multiarray', 'scalar', scalar),
    ...both('numeric', '_frombuffer', frombuffer),
    ...Object.fromEntries(SCALAR_TYPES.map((name) => [`numpy ${name}`, {}])),
  }
}

/** A class of numpy stands for its own dtype: `dtype(numpy.float64)`. */
function toDtype(text: PickleValue): Dtype {
  if (text instanceof Dtype) return text
  if (!(text instanceof GlobalReference)) return parseDtype(text)
  const bits = /^numpy (float|int|uint)(8|16|32|64)$/.exec(text.name)
  if (bits === null) throw new PickleError(`arrays of ${text.name} are not read`)
  return parseDtype(`${bits[1]![0]}${Number(bits[2]) / 8}`)
}

/** `(version, shape, dtype, is_fortran, data)`; data is bytes, or a list where the elements are objects. */
function setArrayState(array: PickleValue, state: PickleValue, budget: Budget): NumpyArray {
  if (!(array instanceof NumpyArray) || !Array.isArray(state)) throw bad()
  const [, shape, dtype, fortran, data] = state.length === 4 ? [1, ...state] : state
  if (!(dtype instanceof Dtype)) throw bad()
  const count = countOf(shape)
  array.dtype = dtype
  array.shape = [...shape]
  if (dtype.kind === 'O') {
    if (!Array.isArray(data) || data.length !== count) throw bad()
    spend(budget, count * OBJECT_BYTES)
    array.values = [...data]
  } else {
    if (!(data instanceof Uint8Array)) throw bad()
    spend(budget, data.length)
    array.values = toValues(dtype, array.shape, data, fortran === true)
  }
  return array
}

/** `_frombuffer(bytes, dtype, shape, order)`, of protocol 5. */
function fromBuffer(args: readonly PickleValue[], budget: Budget): NumpyArray {
  const [bytes, dtype, shape, order] = args
  if (!(bytes instanceof Uint8Array) || !(dtype instanceof Dtype)) throw bad()
  countOf(shape)
  spend(budget, bytes.length)
  const array = new NumpyArray()
  array.dtype = dtype
  array.shape = [...(shape as number[])]
  array.values = toValues(dtype, array.shape, bytes, order === 'F')
  return array
}

/** `scalar(dtype, bytes)` → a number, boolean or text. */
function toScalar([dtype, bytes]: readonly PickleValue[]): PickleValue {
  if (!(dtype instanceof Dtype)) throw bad()
  if (dtype.kind === 'O') return bytes
  if (!(bytes instanceof Uint8Array) || dtype.fields !== null) throw bad()
  const values = toValues(dtype, [], bytes, false) as ArrayLike<number | bigint | string>
  const value = values[0]!
  if (dtype.kind === 'b') return value !== 0
  return typeof value === 'bigint' ? toInteger(value) : value
}

/** Bytes as protocol 2 has them. */
function encodeLatin1([text, encoding]: readonly PickleValue[]): Uint8Array {
  if (typeof text !== 'string' || encoding !== 'latin1') {
    throw new PickleError('bytes are not encoded as Latin-1')
  }
  return new Uint8Array(Buffer.from(text, 'latin1'))
}

const bad = (): PickleError => new PickleError('an array of numpy is damaged')
