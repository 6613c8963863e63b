// What is told of a model that was read: its layers, parameters, inputs and outputs, operators, the time of one row.
import { performance } from 'node:perf_hooks'
import { loadSession, type Session } from '../engine/runtime.ts'
import type { ImportedModel } from '../importers/import-files.ts'
import type { ImportedLayer } from '../importers/importer.ts'
import type { TensorSpec } from '../manifest.ts'
import { readModel } from '../onnx/model.ts'
import { encodeSafetensors } from '../tensor/safetensors.ts'
import type { Tensors } from '../tensor/tensor.ts'
import { drawInputs } from './draw-inputs.ts'

export interface ImportReport {
  readonly format: string
  readonly sources: readonly string[]
  readonly inputs: readonly TensorSpec[]
  readonly outputs: readonly TensorSpec[]
  readonly layers: readonly ImportedLayer[]
  readonly parameters: number
  /** Operator → number of nodes. */
  readonly operators: Readonly<Record<string, number>>
  /** Of one row, after a first one. */
  readonly milliseconds: number
  readonly warnings: readonly string[]
}

export interface TriedModel {
  readonly report: ImportReport
  /** safetensors: `input.<name>` as drawn or given, `output.<name>` as answered. */
  readonly golden: Uint8Array
  readonly outputs: Tensors
}

/** Golden outputs of another processor differ by the order of their sums; a wrong model by far more. */
export const GOLDEN_TOLERANCE = 1e-3

/** Runs a model that was read, on `feeds` or on inputs drawn from a seed. */
export async function tryModel(model: ImportedModel, feeds?: Tensors): Promise<TriedModel> {
  const session = await loadSession(model.graph)
  try {
    const inputs = feeds ?? drawInputs(session.inputs)
    const outputs = await session.run(inputs)
    const milliseconds = await timeOne(session, inputs)
    const golden = encodeSafetensors({
      ...withPrefix('input', inputs),
      ...withPrefix('output', outputs),
    })
    return { report: toReport(model, milliseconds), golden, outputs }
  } finally {
    await session.release()
  }
}

async function timeOne(session: Session, feeds: Tensors): Promise<number> {
  const start = performance.now()
  await session.run(feeds)
  return performance.now() - start
}

function toReport(model: ImportedModel, milliseconds: number): ImportReport {
  const { format, sources, inputs, outputs, layers, parameters, notices } = model
  return {
    ...{ format, sources, inputs, outputs, layers, parameters, milliseconds },
    operators: countOperators(model.graph),
    warnings: notices,
  }
}

function countOperators(bytes: Uint8Array): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { opType = '' } of readModel(bytes).graph!.node) {
    counts[opType] = (counts[opType] ?? 0) + 1
  }
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function withPrefix(prefix: string, tensors: Tensors): Tensors {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [`${prefix}.${name}`, tensor]),
  )
}
