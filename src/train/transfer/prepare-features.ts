// A row → what the frozen part of a model makes of it. Runs in a thread, each with a session of its own on one core: quicker
// than one session on all of them, and the main thread stays free.
import { loadSession } from '../../engine/runtime.ts'
import type { Prepare, PrepareModule } from '../data/prepare.ts'

export interface FeaturesSetup {
  /** URL of the PrepareModule that makes the model's inputs, and its setup. */
  readonly module: string
  readonly setup: unknown
  /** ONNX file of the frozen part, with one output. */
  readonly backbone: Uint8Array
}

/** Name of what a row becomes: float32 [1, values]. */
export const FEATURES = 'features'

/** Rows that the inner module leaves out are left out. */
export async function createPrepare(options: FeaturesSetup): Promise<Prepare> {
  const { createPrepare: createInner } = (await import(options.module)) as PrepareModule<unknown>
  const toInputs = await createInner(options.setup)
  const session = await loadSession(options.backbone)
  const output = session.outputs[0]!.name
  return async (row, draw) => {
    const { [output]: value } = await session.run(await toInputs(row, draw))
    const data = value!.data as Float32Array
    return { [FEATURES]: { type: 'float32', dims: [1, data.length], data } }
  }
}
