// Linear text graphs without onnxruntime: over the few terms a name has, a call of the runtime costs more than the sums.
// The numbers come from the same file; equality with onnxruntime is tested.
import { readLinearTextGraph } from '../onnx/linear-text-graph.ts'
import { readModel } from '../onnx/model.ts'
import type { Tensors } from '../tensor/tensor.ts'
import { type LinearText, scoreLinearText } from '../tensor/text/linear-text.ts'
import type { OpenGraph } from './held-version.ts'

/** For `createEngine({ graphs: [openLinearText] })`. */
export const openLinearText: OpenGraph = (bytes) => {
  const model = readLinearTextGraph(readModel(bytes))
  return model === null ? null : { run: (feeds) => runLinearText(model, feeds) }
}

/** @throws RangeError for an id outside the vocabulary, where onnxruntime fails too */
function runLinearText(model: LinearText, { ids, weights }: Tensors): Tensors {
  const [rows, width] = ids!.dims as [number, number]
  const factors = weights!.data as Float32Array
  const indices = toIndices(ids!.data as BigInt64Array, model.terms)
  if (indices.length !== factors.length) throw new RangeError('ids and weights differ in shape')
  if (rows === 1) return toOutput(scoreLinearText(model, indices, factors), model)
  const data = new Float32Array(rows * model.classes)
  for (let row = 0; row < rows; row++) {
    const [start, end] = [row * width, (row + 1) * width]
    const scores = scoreLinearText(
      model,
      indices.subarray(start, end),
      factors.subarray(start, end),
    )
    data.set(scores, row * model.classes)
  }
  return toOutput(data, model)
}

function toOutput(data: Float32Array, { classes }: LinearText): Tensors {
  return { probabilities: { type: 'float32', dims: [data.length / classes, classes], data } }
}

/** As Gather: a negative index counts from the end. By halves of the words, since a BigInt each costs more than the sum. */
function toIndices(ids: BigInt64Array, terms: number): Int32Array {
  const indices = new Int32Array(ids.length)
  const halves = new Int32Array(ids.buffer, ids.byteOffset, 2 * ids.length)
  for (let i = 0; i < ids.length; i++) {
    const low = halves[2 * i]!
    const index = low < 0 ? low + terms : low
    // The high half repeats the sign, or the id is beyond any vocabulary.
    if (index < 0 || index >= terms || halves[2 * i + 1] !== low >> 31) {
      throw new RangeError('an id is unknown')
    }
    indices[i] = index
  }
  return indices
}
