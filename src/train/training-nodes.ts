// What behaves otherwise in training than in service: Dropout becomes a product with a mask that the step feeds,
// BatchNormalization takes the batch's own statistics and moves the running ones, and MaxPool says which elements it took.

import { attributeOf, createAttribute, floatOf } from '../onnx/attribute.ts'
import type { GraphBuilder } from '../onnx/graph.ts'
import type { GraphProto, NodeProto } from '../onnx/proto.ts'
import type { Value } from '../onnx/shapes/rule.ts'
import { fromTensorProto } from '../onnx/tensor-proto.ts'
import type { Tensor } from '../tensor/tensor.ts'

export interface DropoutMask {
  /** Name of the graph's input. */
  readonly input: string
  readonly shape: readonly number[]
  /** Part that is dropped, 0 < rate < 1. */
  readonly rate: number
}

export interface TrainingNodes {
  readonly masks: readonly DropoutMask[]
  /** Running statistic → the value that it takes after the step. */
  readonly statistics: ReadonlyMap<string, string>
  /** The statistics' first values; with `training` off too, so that both graphs have the same inputs. */
  readonly values: Readonly<Record<string, Tensor>>
}

export interface TrainingNodesOptions {
  /** Names of trained weights. */
  readonly trained: ReadonlySet<string>
  readonly values: ReadonlyMap<string, Value>
  readonly training: boolean
  readonly batchStatistics: boolean
}

/** Replaces the nodes in place; must run before the weights leave the initializers. */
export function toTrainingNodes(
  graph: GraphProto,
  builder: GraphBuilder,
  options: TrainingNodesOptions,
): TrainingNodes {
  const masks: DropoutMask[] = []
  const statistics = new Map<string, string>()
  const values: Record<string, Tensor> = {}
  const stored = new Map(graph.initializer.map((tensor) => [tensor.name!, tensor]))
  const source = [...graph.node]
  const nodes = source.flatMap((node) => {
    if (node.opType === 'Dropout' && options.training) {
      const mask = dropoutMask(node, builder, options.values)
      if (mask !== null) masks.push(mask)
      return [withoutDropout(node, mask)]
    }
    if (node.opType === 'MaxPool' && options.training) return [withIndices(node, builder)]
    const running = node.input.slice(3, 5)
    if (!usesBatch(node, options) || !running.every((name) => stored.has(name))) return [node]
    for (const name of running) values[name] = fromTensorProto(stored.get(name)!)
    if (!options.training) return [node]
    const { changed, batch } = withBatchStatistics(node, builder)
    const momentum = floatOf(node, 'momentum', 0.9)
    for (const [i, name] of running.entries()) {
      statistics.set(name, moveStatistic(builder, name, batch[i]!, momentum))
    }
    return changed
  })
  // What the builder added meanwhile stands behind the source's nodes.
  graph.node.splice(0, source.length, ...nodes)
  return { masks, statistics, values }
}

const usesBatch = (node: NodeProto, { trained, batchStatistics }: TrainingNodesOptions): boolean =>
  batchStatistics && node.opType === 'BatchNormalization' && trained.has(node.input[1] ?? '')

function dropoutMask(
  node: NodeProto,
  builder: GraphBuilder,
  values: ReadonlyMap<string, Value>,
): DropoutMask | null {
  const ratio = values.get(node.input[1] ?? '')?.constant
  const rate = ratio === undefined ? 0.5 : Number(ratio.data[0])
  if (rate === 0) return null
  const { shape } = values.get(node.input[0]!)!
  return { input: builder.input('mask', 'float32', shape), shape, rate }
}

function withoutDropout(node: NodeProto, mask: DropoutMask | null): NodeProto {
  const [x, y] = [node.input[0]!, node.output[0]!]
  const plain = { ...node, attribute: [], output: [y] }
  if (mask === null) return { ...plain, opType: 'Identity', input: [x] }
  return { ...plain, opType: 'Mul', input: [x, mask.input] }
}

/** It says which elements it took: the gradient then needs neither them nor what was compared with them. */
function withIndices(node: NodeProto, builder: GraphBuilder): NodeProto {
  return { ...node, output: [node.output[0]!, node.output[1] || builder.name('indices')] }
}

/**
 * With momentum 0 the second and third output are the mean and variance of the batch itself. onnxruntime writes them over
 * the memory of the inputs that hold the running ones, even over the caller's: zeros made for the purpose stand there.
 */
function withBatchStatistics(node: NodeProto, builder: GraphBuilder) {
  const batch = [builder.name('batch_mean'), builder.name('batch_variance')]
  const zeros = node.input.slice(3, 5).map((running): NodeProto => {
    const output = [builder.name('zeros')]
    return { opType: 'Sub', input: [running, running], output, attribute: [] }
  })
  const epsilon = attributeOf(node, 'epsilon')
  const normalised: NodeProto = {
    ...node,
    input: [...node.input.slice(0, 3), ...zeros.map(({ output }) => output[0]!)],
    output: [node.output[0]!, ...batch],
    attribute: [
      ...(epsilon === undefined ? [] : [epsilon]),
      createAttribute('momentum', { float: 0 }),
      createAttribute('training_mode', 1),
    ],
  }
  return { changed: [...zeros, normalised], batch }
}

/** momentum · old + (1 − momentum) · batch, both of the whole population, as ONNX and Keras define it. */
function moveStatistic(
  builder: GraphBuilder,
  running: string,
  batch: string,
  momentum: number,
): string {
  const factor = (value: number): string =>
    builder.initializer('factor', { type: 'float32', dims: [], data: Float32Array.of(value) })
  const kept = builder.node('Mul', [running, factor(momentum)])
  return builder.node('Add', [kept, builder.node('Mul', [batch, factor(1 - momentum)])])
}
