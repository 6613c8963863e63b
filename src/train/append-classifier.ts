// A new head on a network that was cut: any ONNX classifier becomes one of other classes.

import { cutModel } from '../onnx/cut-model.ts'
import { extendGraph } from '../onnx/graph.ts'
import { inferShapes } from '../onnx/infer-shapes.ts'
import type { ModelProto } from '../onnx/proto.ts'
import { upgradeModel } from '../onnx/upgrade-opset.ts'
import { dense, dropout } from './layers/layers.ts'
import type { Random } from './random.ts'

export interface ClassifierHead {
  /** Value of the network that the head reads; see {@link featuresOf}. */
  readonly at: string
  readonly classes: number
  /** Units of a hidden layer with a Relu; none by default. */
  readonly hidden?: number
  /** Part of the features, and of the hidden units, that is dropped in training. */
  readonly dropout?: number
  readonly random: Random
  /** Shapes of inputs of which more than the batch is free. */
  readonly inputs?: Readonly<Record<string, readonly number[]>>
}

/** Names of the head's values; its weights are called `head.…`. */
export const LOGITS = 'logits'
export const PROBABILITIES = 'probabilities'

/**
 * The network up to `at`, then: the mean over each channel's positions where there are any, dropout, the hidden layer,
 * the classes. Output `probabilities` [N, classes]; the loss judges the value `logits`.
 *
 * @throws DugaError `training.no-value` where the network has no such value
 */
export function appendClassifier(model: ModelProto, head: ClassifierHead): ModelProto {
  const { at, classes, hidden, random } = head
  // Before operator set 13 the head's nodes had other forms.
  const opset = Number(model.opsetImport.find(({ domain = '' }) => domain === '')?.version ?? 1n)
  const source = opset < 13 ? upgradeModel(model) : model
  const cut = cutModel(source, at)
  const { shape } = inferShapes(upgradeModel(cut), { batch: 1, ...head }).get(at)!
  const renamed = { ...cut.graph!, output: [] }
  const graph = extendGraph(renamed)
  const pooled = shape.length > 2 ? graph.node('GlobalAveragePool', [at]) : at
  let value = graph.node('Flatten', [pooled], { axis: 1 })
  let width = shape[1]!
  const drop = (x: string): string =>
    head.dropout === undefined ? x : dropout(graph, x, head.dropout)
  if (hidden !== undefined) {
    const layer = { name: 'head.hidden', inputs: width, units: hidden, random }
    value = graph.node('Relu', [dense(graph, drop(value), layer)])
    width = hidden
  }
  const layer = { name: 'head.classes', inputs: width, units: classes, random }
  const scores = dense(graph, drop(value), layer)
  const logits = graph.name(LOGITS)
  renamed.node.push({ input: [scores], output: [logits], opType: 'Identity', attribute: [] })
  graph.output(graph.node('Softmax', [logits], { axis: -1 }), PROBABILITIES, 'float32', [
    'N',
    classes,
  ])
  return { ...cut, graph: renamed }
}

/**
 * Where a classifier can be cut: the input of its last layer with weights (Gemm or MatMul), which is what that layer
 * classifies.
 *
 * @returns undefined where the graph has no such layer
 */
export function featuresOf(model: ModelProto): string | undefined {
  const last = model.graph!.node.findLast(({ opType }) => opType === 'Gemm' || opType === 'MatMul')
  return last?.input[0]
}
