// One step of training: forward, loss and backward pass in onnxruntime, then the optimiser in place. Knows nothing of
// epochs, data or files. Deterministic: the same seed, thread count and machine give the same bits.

import { loadSession, type Session } from '../engine/runtime.ts'
import { writeModel } from '../onnx/model.ts'
import type { ModelProto } from '../onnx/proto.ts'
import { joinParts } from '../tensor/safetensors.ts'
import type { Tensor, Tensors } from '../tensor/tensor.ts'
import { decodeState, stateParts } from './checkpoint.ts'
import { fillDropoutMask } from './dropout-mask.ts'
import { clipByGlobalNorm, clipByValue } from './optimisers/clip.ts'
import type { Arrays, Optimiser } from './optimisers/optimiser.ts'
import { replaceWeights, withoutInitializers } from './replace-weights.ts'
import {
  buildEvaluationGraph,
  buildStepGraph,
  gradientName,
  LOSS,
  nextName,
  ROW_WEIGHTS,
  type StepGraph,
  type StepGraphOptions,
} from './step-graph.ts'

export interface TrainingStepOptions extends StepGraphOptions {
  readonly optimiser: Optimiser
  /** Of Dropout. */
  readonly seed?: number
  /** Threads of onnxruntime. */
  readonly threads?: number
  /** Largest common norm of the gradients, and largest element; values are clipped first. */
  readonly clip?: { readonly globalNorm?: number; readonly value?: number }
}

export interface StepResult {
  /** Mean over the batch, before the update; not finite where the step was not applied. */
  readonly loss: number
  readonly outputs: Tensors
}

export interface TrainingStep {
  /** Names, types and shapes of what a batch must bring; `row_weights` may be left out. */
  readonly inputs: Session['inputs']
  /**
   * Trains on one batch. Where the loss is not finite nothing is changed, so that the parameters stay usable; the
   * caller decides what then happens.
   */
  step(feeds: Tensors, options: { readonly learningRate: number }): Promise<StepResult>
  /** Loss and outputs of one batch as the model serves it; nothing changes. */
  evaluate(feeds: Tensors): Promise<StepResult>
  /** Copies of the trained weights and running statistics by name. */
  parameters(): Tensors
  /** Puts back what {@link parameters} gave; the optimiser goes on from where it is. */
  setParameters(values: Tensors): void
  /** Everything that a continuation needs, as a safetensors file. */
  state(): Uint8Array
  /** The same bytes in parts that share the memory of the step: to be written before it goes on. */
  stateParts(): readonly Uint8Array[]
  /** @throws DugaError `training.state` where the file is of another training */
  restore(state: Uint8Array): void
  /** The model given, with the weights as they are now. */
  toInferenceModel(): ModelProto
  /** Frees the native sessions; nothing may be running. */
  release(): Promise<void>
}

/**
 * Prepares a model for training.
 *
 * @throws DugaError see {@link buildStepGraph}
 * @example
 * const training = await createTrainingStep({
 *   model, output: 'logits', batch: 32, loss: softmaxCrossEntropy(), optimiser: adam(),
 * })
 * const { loss } = await training.step({ x, labels }, { learningRate: 1e-3 })
 */
export async function createTrainingStep(options: TrainingStepOptions): Promise<TrainingStep> {
  const { optimiser: method, seed = 0, threads = 1, clip: limits } = options
  const { masks, outputs, session, memory } = await openStep(options)
  const { weights, gradients } = memory
  // What lives on names no large weight twice: the first values of those that are trained are let go.
  const model = withoutInitializers(options.model, Object.keys(memory.kept()))
  const judging = buildEvaluationGraph(options).model
  let optimiser = method.init(weights)
  let count = 0
  let evaluation: Promise<Session> | undefined

  const run = async (target: Session, feeds: Tensors, into?: Tensors): Promise<Tensors> =>
    target.run({ [ROW_WEIGHTS]: memory.ones, ...memory.held, ...feeds }, into)

  return {
    inputs: session.inputs.filter(({ name }) => !(name in memory.held)),
    step: async (feeds, { learningRate }) => {
      for (const [i, { input, rate }] of masks.entries()) {
        const mask = memory.held[input]!.data as Float32Array
        fillDropoutMask(mask, rate, [seed, count, i])
      }
      const results = await run(session, feeds, memory.into)
      const loss = Number(results[LOSS]!.data[0])
      if (Number.isFinite(loss)) {
        clip(gradients, limits)
        optimiser = method.update(weights, gradients, optimiser, { learningRate })
        memory.moveStatistics()
      }
      count += 1
      return { loss, outputs: pick(results, outputs) }
    },
    evaluate: async (feeds) => {
      evaluation ??= loadSession(writeModel(judging), { threads })
      const target = await evaluation
      const inputs = new Set(target.inputs.map(({ name }) => name))
      const held = Object.entries(memory.held).filter(([name]) => inputs.has(name))
      const own = { [ROW_WEIGHTS]: memory.ones, ...Object.fromEntries(held) }
      const results = await target.run({ ...own, ...feeds })
      return { loss: Number(results[LOSS]!.data[0]), outputs: pick(results, outputs) }
    },
    parameters: () => memory.copy(),
    setParameters: (values) => memory.set(values),
    state: () => joinParts(stateParts({ weights: memory.kept(), optimiser, count })),
    stateParts: () => stateParts({ weights: memory.kept(), optimiser, count }),
    restore: (bytes) => {
      const restored = decodeState(bytes, { weights: memory.kept(), optimiser })
      memory.set(restored.weights)
      optimiser = restored.optimiser
      count = restored.count
    },
    toInferenceModel: () => replaceWeights(model, memory.copy()),
    release: async () => {
      await session.release()
      if (evaluation !== undefined) await (await evaluation).release()
    },
  }
}

/** In a function of its own, so that the graph with its first values is not held by what lives on. */
async function openStep(options: TrainingStepOptions) {
  const graph = buildStepGraph(options)
  const { threads = 1 } = options
  const session = await loadSession(writeModel(graph.model), { threads })
  const { masks, outputs } = graph
  return { masks, outputs, session, memory: createMemory(graph) }
}

interface Memory {
  readonly weights: Arrays
  readonly gradients: Arrays
  readonly ones: Tensor
  /** Weights, statistics and masks: what every run is fed besides the batch. */
  readonly held: Record<string, Tensor>
  /** Where gradients and new statistics are written. */
  readonly into: Tensors
  moveStatistics(): void
  /** Weights and statistics, as they live. */
  kept(): Tensors
  copy(): Tensors
  set(values: Tensors): void
}

/** Every array that lives as long as the training. */
function createMemory({ model, parameters, statistics, masks }: StepGraph): Memory {
  const zeros = (dims: readonly number[]): Tensor => ({
    type: 'float32',
    dims,
    data: new Float32Array(dims.reduce((all, dim) => all * dim, 1)),
  })
  const weights: Record<string, Float32Array> = {}
  const gradients: Record<string, Float32Array> = {}
  const held: Record<string, Tensor> = { ...parameters, ...statistics }
  const into: Record<string, Tensor> = {}
  for (const [name, { data, dims }] of Object.entries(parameters)) {
    into[gradientName(name)] = zeros(dims)
    weights[name] = data as Float32Array
    gradients[name] = into[gradientName(name)]!.data as Float32Array
  }
  for (const [name, { dims }] of Object.entries(statistics)) into[nextName(name)] = zeros(dims)
  for (const { input, shape } of masks) held[input] = zeros(shape)
  const rows = model.graph!.input.find(({ name }) => name === ROW_WEIGHTS)!
  const ones = zeros([Number(rows.type!.tensorType!.shape!.dim[0]!.dimValue)])
  ones.data.fill(1 as never)
  const kept = [...Object.keys(parameters), ...Object.keys(statistics)]
  const assign = (name: string, values: Tensor): void =>
    (held[name]!.data as Float32Array).set(values.data as Float32Array)
  return {
    weights,
    gradients,
    ones,
    held,
    into,
    moveStatistics: () => {
      for (const name of Object.keys(statistics)) assign(name, into[nextName(name)]!)
    },
    kept: () => Object.fromEntries(kept.map((name) => [name, held[name]!])),
    copy: () =>
      Object.fromEntries(
        kept.map((name) => [name, { ...held[name]!, data: held[name]!.data.slice() }]),
      ),
    set: (values) => {
      for (const name of kept) assign(name, values[name]!)
    },
  }
}

function clip(gradients: Arrays, limits: TrainingStepOptions['clip']): void {
  if (limits?.value !== undefined) clipByValue(gradients, limits.value)
  if (limits?.globalNorm !== undefined) clipByGlobalNorm(gradients, limits.globalNorm)
}

const pick = (tensors: Tensors, names: readonly string[]): Tensors =>
  Object.fromEntries(names.map((name) => [name, tensors[name]!]))
