// Makes the graphs that a training step runs from a model: forward and loss, and for training the backward pass too.
// Trained weights and running statistics become inputs; gradients and new statistics become outputs.

import { DugaError } from '../errors.ts'
import { pruneGraph } from '../onnx/cut-model.ts'
import { createValueInfo, extendGraph, type GraphBuilder } from '../onnx/graph.ts'
import { inferShapes } from '../onnx/infer-shapes.ts'
import type { GraphProto, ModelProto } from '../onnx/proto.ts'
import type { Value } from '../onnx/shapes/rule.ts'
import { fromTensorProto } from '../onnx/tensor-proto.ts'
import { upgradeModel } from '../onnx/upgrade-opset.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { differentiate } from './autodiff/differentiate.ts'
import { createEmitter } from './autodiff/emitter.ts'
import type { Loss } from './losses.ts'
import { orderStep } from './order-step.ts'
import { selectParameters, type Trainable } from './parameters.ts'
import { simplifyStep } from './simplify-step.ts'
import { type DropoutMask, toTrainingNodes } from './training-nodes.ts'

export interface StepGraphOptions {
  /** Of any operator set from 7 on; not changed. */
  readonly model: ModelProto
  readonly loss: Loss
  /** Rows of every batch. */
  readonly batch: number
  /** The value that the loss judges: logits for classifiers. The model's first output by default. */
  readonly output?: string
  /** Values that each step returns; `output` by default. */
  readonly outputs?: readonly string[]
  /** Exact names of weights, or patterns; all weights of layers by default. */
  readonly trainable?: readonly Trainable[]
  /** Shapes of inputs of which more than the batch is free. */
  readonly inputs?: Readonly<Record<string, readonly number[]>>
  /**
   * Whether a BatchNormalization whose scale is trained uses the batch's own statistics and updates the running ones;
   * true by default. Others always use what is stored.
   */
  readonly batchStatistics?: boolean
}

export interface StepGraph {
  readonly model: ModelProto
  /** First values of the trained weights; inputs under the same names. */
  readonly parameters: Readonly<Record<string, Tensor>>
  /** First values of running statistics; inputs of the same names, new values under {@link nextName}. */
  readonly statistics: Readonly<Record<string, Tensor>>
  readonly masks: readonly DropoutMask[]
  readonly outputs: readonly string[]
}

export const LOSS = 'loss'
export const ROW_WEIGHTS = 'row_weights'
export const gradientName = (parameter: string): string => `gradient/${parameter}`
export const nextName = (statistic: string): string => `next/${statistic}`

/**
 * Forward, loss and backward pass.
 *
 * @throws DugaError `training.no-value` for names that do not exist, `training.no-gradient` and `model.unknown-shape` for
 * operators that cannot be trained through
 */
export function buildStepGraph(options: StepGraphOptions): StepGraph {
  const { batchStatistics = true } = options
  const { model, graph, builder, parameters, rewritten } = prepare(options, true, batchStatistics)
  const { values, outputs } = addLoss(graph, builder, options)
  const names = Object.keys(parameters)
  const gradients = differentiate({
    nodes: [...graph.node],
    values,
    graph: createEmitter(builder),
    loss: LOSS,
    by: names,
  })
  const used = names.filter((name) => gradients.has(name))
  for (const name of used) {
    builder.output(gradients.get(name)!, gradientName(name), 'float32', parameters[name]!.dims)
  }
  for (const [name, next] of rewritten.statistics) {
    builder.output(next, nextName(name), 'float32', values.get(name)!.shape)
  }
  return finish(model, {
    parameters: Object.fromEntries(used.map((name) => [name, parameters[name]!])),
    statistics: rewritten.values,
    masks: rewritten.masks,
    outputs,
  })
}

/** Forward and loss alone, as the model answers when it serves: no Dropout, stored statistics. */
export function buildEvaluationGraph(options: StepGraphOptions): StepGraph {
  const { batchStatistics = true } = options
  const { model, graph, builder, parameters, rewritten } = prepare(options, false, batchStatistics)
  const { outputs } = addLoss(graph, builder, options)
  return finish(model, {
    parameters,
    statistics: rewritten.values,
    masks: [],
    outputs,
  })
}

function prepare(options: StepGraphOptions, training: boolean, batchStatistics: boolean) {
  const upgraded = upgradeModel(options.model)
  const source = upgraded.graph!
  const wanted = [outputOf(options), ...(options.outputs ?? [])]
  for (const name of wanted) requireValue(source, name)
  const pruned = pruneGraph(source, wanted)
  // Weights beside the way to the loss would have no gradient.
  const judged = pruneGraph(source, [outputOf(options)])
  const names = selectParameters(judged, options.trainable)
  const values = inferShapes({ ...upgraded, graph: pruned }, options)
  const graph: GraphProto = { ...pruned, input: fixed(pruned, values), output: [] }
  const builder = extendGraph(graph)
  const trained = new Set(names)
  const rewritten = toTrainingNodes(graph, builder, { trained, values, training, batchStatistics })
  const parameters = toInputs(graph, names)
  toInputs(graph, Object.keys(rewritten.values))
  return { model: { ...upgraded, graph }, graph, builder, parameters, rewritten }
}

/** The inputs with the shapes that were inferred. */
const fixed = (graph: GraphProto, values: ReadonlyMap<string, Value>): GraphProto['input'] =>
  graph.input.map(({ name = '' }) => {
    const { type, shape } = values.get(name)!
    return createValueInfo(name, type, shape)
  })

/** Turns initializers into inputs and returns what they held. */
function toInputs(graph: GraphProto, names: readonly string[]): Record<string, Tensor> {
  const moved = new Set(names)
  const held: Record<string, Tensor> = {}
  for (const tensor of graph.initializer) {
    if (moved.has(tensor.name!)) held[tensor.name!] = fromTensorProto(tensor)
  }
  // The builder holds on to the lists of the graph: they are changed, not replaced.
  const rest = graph.initializer.filter(({ name }) => !moved.has(name!))
  graph.initializer.splice(0, graph.initializer.length, ...rest)
  for (const [name, { type, dims }] of Object.entries(held)) {
    graph.input.push(createValueInfo(name, type, dims))
  }
  return held
}

function addLoss(graph: GraphProto, builder: GraphBuilder, options: StepGraphOptions) {
  const { batch, loss } = options
  const output = outputOf(options)
  const model: ModelProto = { opsetImport: [], metadataProps: [], graph }
  const { shape } = inferShapes(model).get(output)!
  const rowWeights = builder.input(ROW_WEIGHTS, 'float32', [batch])
  const value = loss({
    graph: createEmitter(builder),
    output,
    shape,
    rowWeights,
    input: (name, type, dims) => builder.input(name, type, dims),
  })
  builder.output(value, LOSS, 'float32', [])
  const values = inferShapes(model)
  const outputs = options.outputs ?? [output]
  for (const name of outputs) {
    graph.output.push(createValueInfo(name, values.get(name)!.type, values.get(name)!.shape))
  }
  return { values, outputs }
}

/** Drops what no output needs, such as layers behind the value that the loss judges. */
function finish(model: ModelProto, rest: Omit<StepGraph, 'model'>): StepGraph {
  const graph = model.graph!
  const names = graph.output.map(({ name }) => name!)
  const simple = simplifyStep({ ...model, graph: pruneGraph(graph, names) })
  return { ...rest, model: { ...simple, graph: orderStep(simple.graph!) } }
}

const outputOf = ({ model, output }: StepGraphOptions): string =>
  output ?? model.graph?.output[0]?.name ?? ''

function requireValue(graph: GraphProto, name: string): void {
  const values = graph.node.flatMap(({ output }) => output)
  if (values.includes(name)) return
  const found = values.slice(-40).join(', ')
  throw new DugaError('training.no-value', { kind: 'value', name, found })
}
