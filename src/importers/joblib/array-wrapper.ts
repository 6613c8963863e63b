// joblib's NumpyArrayWrapper: a description in the pickle, after which the array's bytes lie in the stream, padded so that
// they can be mapped into memory.
import { type Budget, countOf, NumpyArray, spend, toValues } from '../numpy/array.ts'
import { Dtype } from '../numpy/dtype.ts'
import { type Cursor, PickleError, take, takeByte } from '../pickle/cursor.ts'
import type { PickleGlobal, PickleOptions, PickleValue } from '../pickle/machine.ts'
import { readPickle } from '../pickle/read-pickle.ts'

/** @param nested how the pickle within an array of objects is read */
export function createArrayWrapper(budget: Budget, nested: () => PickleOptions): PickleGlobal {
  return {
    construct: () => new NumpyArray(),
    setState: (array, state, cursor) => {
      if (!(array instanceof NumpyArray) || !(state instanceof Map)) throw bad()
      return fill(array, state, cursor, { budget, nested })
    },
  }
}

function fill(
  array: NumpyArray,
  state: ReadonlyMap<PickleValue, PickleValue>,
  cursor: Cursor,
  { budget, nested }: { readonly budget: Budget; readonly nested: () => PickleOptions },
): NumpyArray {
  const [dtype, shape] = [state.get('dtype'), state.get('shape')]
  if (!(dtype instanceof Dtype)) throw bad()
  const count = countOf(shape)
  array.dtype = dtype
  array.shape = [...(shape as number[])]
  if (dtype.kind === 'O') return fillObjects(array, readPickle(cursor, nested()))
  // From joblib 1.1 on: one byte says how many more are skipped.
  if (typeof state.get('numpy_array_alignment_bytes') === 'number') take(cursor, takeByte(cursor))
  spend(budget, count * dtype.size)
  const bytes = take(cursor, count * dtype.size)
  array.values = toValues(dtype, array.shape, bytes, state.get('order') === 'F')
  return array
}

/** The stream holds the array once more, as an ordinary pickle. */
function fillObjects(array: NumpyArray, read: PickleValue): NumpyArray {
  if (!(read instanceof NumpyArray) || countOf(read.shape) !== countOf(array.shape)) throw bad()
  array.values = read.values
  return array
}

const bad = (): PickleError => new PickleError('an array of joblib is damaged')
