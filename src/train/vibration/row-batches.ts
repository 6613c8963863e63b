// Rows of numbers → batches of one size; the last is filled up with rows that do not count.
import type { Tensor } from '../../tensor/tensor.ts'
import type { Batch } from '../trainer.ts'

/**
 * @param rows of `width` numbers each
 * @param order which rows, in which order
 */
export function* rowBatches(
  rows: readonly Float32Array[],
  order: readonly number[],
  batch: number,
): Generator<Batch> {
  const width = rows[0]!.length
  for (let start = 0; start < order.length; start += batch) {
    const count = Math.min(batch, order.length - start)
    const data = new Float32Array(batch * width)
    for (let i = 0; i < count; i++) data.set(rows[order[start + i]!]!, i * width)
    const x: Tensor = { type: 'float32', dims: [batch, width], data }
    const feeds = { x, targets: x }
    if (count === batch) {
      yield { feeds, rows: count }
      continue
    }
    const weights = new Float32Array(batch).fill(1, 0, count)
    const row_weights: Tensor = { type: 'float32', dims: [batch], data: weights }
    yield { feeds: { ...feeds, row_weights }, rows: count }
  }
}
