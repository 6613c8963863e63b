// Runs a model, or the end of one, over rows of a feature table.
import { loadSession } from '../../engine/runtime.ts'
import { writeModel } from '../../onnx/model.ts'
import type { ModelProto } from '../../onnx/proto.ts'
import type { FeatureTable } from './feature-table.ts'

export interface RunOptions {
  /** With one input, which takes rows of the table. */
  readonly model: ModelProto
  /** Of a row, without the batch. */
  readonly shape: readonly number[]
  readonly table: FeatureTable
  readonly places: readonly number[]
  readonly threads: number
  readonly signal: AbortSignal
  /** The first output of some of the places, row after row. */
  readonly onRows: (places: readonly number[], values: Float32Array) => void | Promise<void>
}

const BATCH = 16

export async function runOnTable(options: RunOptions): Promise<void> {
  const { model, shape, table, places, threads, signal, onRows } = options
  const session = await loadSession(writeModel(model), { threads })
  try {
    const [input, output] = [session.inputs[0]!.name, session.outputs[0]!.name]
    for (let start = 0; start < places.length; start += BATCH) {
      signal.throwIfAborted()
      const own = places.slice(start, start + BATCH)
      const data = new Float32Array(own.length * table.length)
      await table.read(own, data)
      const feeds = { [input]: { type: 'float32', dims: [own.length, ...shape], data } } as const
      await onRows(own, (await session.run(feeds))[output]!.data as Float32Array)
    }
  } finally {
    await session.release()
  }
}
