// Losses as nodes of a graph. Each is a mean over the rows of a batch, Σ weight · loss / Σ weight, under the weights of
// the input `row_weights` [N]; a row of weight 0 does not count, which is how a last, smaller batch is filled up.
// Classes are given as `labels` int64 [N], all other truths as `targets`, float32 in the shape of the output.

import type { TensorType } from '../tensor/tensor.ts'
import type { Emitter } from './autodiff/emitter.ts'

export interface LossContext {
  readonly graph: Emitter
  /** Name of the network's output: logits for the classification losses. */
  readonly output: string
  /** Its shape, rows first. */
  readonly shape: readonly number[]
  /** Name of the weights of rows [N]. */
  readonly rowWeights: string
  /** Declares what each batch must bring. */
  input(name: string, type: TensorType, shape: readonly number[]): string
}

/** Adds the loss to the graph and returns its name: a float32 without dimensions. */
export type Loss = (context: LossContext) => string

export interface CrossEntropyOptions {
  /** Part of the truth that is spread over all classes, 0 ≤ x < 1. */
  readonly labelSmoothing?: number
  /** A weight a class; the mean is then weighted, as PyTorch's. */
  readonly classWeights?: readonly number[]
}

/** Softmax cross-entropy of logits [N, C] and class indices, as PyTorch's `CrossEntropyLoss`. */
export function softmaxCrossEntropy(options: CrossEntropyOptions = {}): Loss {
  const { labelSmoothing = 0, classWeights } = options
  return (context) => {
    const { graph, output, shape, rowWeights } = context
    const [rows, classes] = shape as [number, number]
    const labels = context.input('labels', 'int64', [rows])
    const logs = graph.node('LogSoftmax', [output], { axis: -1 })
    const byClass = classWeights === undefined ? undefined : vector(graph, classWeights)
    const weights =
      byClass === undefined
        ? rowWeights
        : graph.node('Mul', [rowWeights, graph.node('Gather', [byClass, labels])])
    const total = sum(graph, weights)
    const nll = graph.node('Neg', [pick(graph, logs, labels)])
    const hard = graph.node('Div', [sum(graph, graph.node('Mul', [nll, weights])), total])
    if (labelSmoothing === 0) return hard
    const weighed = byClass === undefined ? logs : graph.node('Mul', [logs, byClass])
    const spread = graph.node('ReduceSum', [weighed, graph.longs([1])], { keepdims: 0 })
    const soft = graph.node('Div', [sum(graph, graph.node('Mul', [spread, rowWeights])), total])
    return graph.node('Sub', [
      graph.node('Mul', [hard, graph.scalar(1 - labelSmoothing)]),
      graph.node('Mul', [soft, graph.scalar(labelSmoothing / classes)]),
    ])
  }
}

/** Softmax cross-entropy of logits [N, C] and probabilities `targets` [N, C], such as mixed-up labels. */
export function softTargetCrossEntropy(): Loss {
  return (context) => {
    const { graph, output, shape } = context
    const targets = context.input('targets', 'float32', shape)
    const logs = graph.node('LogSoftmax', [output], { axis: -1 })
    const product = graph.node('Mul', [targets, logs])
    const rows = graph.node('ReduceSum', [product, graph.longs([1])], { keepdims: 0 })
    return mean(context, graph.node('Neg', [rows]))
  }
}

export interface FocalOptions {
  /** How much sure rows count less; 0 or at least 1. */
  readonly gamma?: number
  /** α of each class; the mean is not weighted by it. */
  readonly classWeights?: readonly number[]
}

/** −α (1 − p)^γ log p of the true class (Lin et al. 2017), over a softmax of logits [N, C]. */
export function focal(options: FocalOptions = {}): Loss {
  const { gamma = 2, classWeights } = options
  return (context) => {
    const { graph, output, shape } = context
    const labels = context.input('labels', 'int64', [shape[0]!])
    const logs = graph.node('LogSoftmax', [output], { axis: -1 })
    const log = pick(graph, logs, labels)
    const miss = graph.node('Sub', [graph.scalar(1), graph.node('Exp', [log])])
    const factor = graph.node('Pow', [miss, graph.scalar(gamma)])
    const loss = graph.node('Neg', [graph.node('Mul', [factor, log])])
    if (classWeights === undefined) return mean(context, loss)
    const alpha = graph.node('Gather', [vector(graph, classWeights), labels])
    return mean(context, graph.node('Mul', [alpha, loss]))
  }
}

/**
 * Binary cross-entropy of logits and `targets` 0..1 of any one shape, as PyTorch's `BCEWithLogitsLoss`.
 *
 * @param positiveWeight how much more a positive counts
 */
export function binaryCrossEntropy({ positiveWeight = 1 } = {}): Loss {
  return (context) => {
    const { graph, output, shape } = context
    const targets = context.input('targets', 'float32', shape)
    // Softplus has a gradient of its own everywhere, zero included, where max(x, 0) + log1p(exp(−|x|)) has kinks.
    if (positiveWeight === 1) {
      const softplus = graph.node('Softplus', [output])
      return perElement(
        context,
        graph.node('Sub', [softplus, graph.node('Mul', [output, targets])]),
      )
    }
    const missed = graph.node('Softplus', [graph.node('Neg', [output])])
    const positive = graph.node('Mul', [
      graph.node('Mul', [targets, graph.scalar(positiveWeight)]),
      missed,
    ])
    const rest = graph.node('Sub', [graph.scalar(1), targets])
    const negative = graph.node('Mul', [rest, graph.node('Softplus', [output])])
    return perElement(context, graph.node('Add', [positive, negative]))
  }
}

/** Mean of squared differences from `targets`. */
export function meanSquaredError(): Loss {
  return (context) => {
    const difference = differenceOf(context)
    return perElement(context, context.graph.node('Mul', [difference, difference]))
  }
}

/** Mean of absolute differences from `targets`. */
export function meanAbsoluteError(): Loss {
  return (context) => perElement(context, context.graph.node('Abs', [differenceOf(context)]))
}

/** ½ d² up to `delta`, from there on a straight line: δ (|d| − ½ δ). */
export function huber({ delta = 1 } = {}): Loss {
  return (context) => {
    const { graph } = context
    const difference = differenceOf(context)
    const size = graph.node('Abs', [difference])
    const half = graph.scalar(0.5)
    const square = graph.node('Mul', [graph.node('Mul', [difference, difference]), half])
    const beyond = graph.node('Sub', [size, graph.scalar(0.5 * delta)])
    const line = graph.node('Mul', [beyond, graph.scalar(delta)])
    const isNear = graph.node('LessOrEqual', [size, graph.scalar(delta)])
    return perElement(context, graph.node('Where', [isNear, square, line]))
  }
}

function differenceOf(context: LossContext): string {
  const targets = context.input('targets', 'float32', context.shape)
  return context.graph.node('Sub', [context.output, targets])
}

/** The mean over a row's elements, then over the rows. */
function perElement(context: LossContext, losses: string): string {
  const { graph, shape } = context
  if (shape.length === 1) return mean(context, losses)
  const axes = graph.longs([...shape.keys()].slice(1))
  return mean(context, graph.node('ReduceMean', [losses, axes], { keepdims: 0 }))
}

/** @param rows losses [N] */
function mean({ graph, rowWeights }: LossContext, rows: string): string {
  const weighed = graph.node('Mul', [rows, rowWeights])
  return graph.node('Div', [sum(graph, weighed), sum(graph, rowWeights)])
}

const sum = (graph: Emitter, values: string): string =>
  graph.node('ReduceSum', [values, graph.longs([0])], { keepdims: 0 })

/** Of each row of [N, C] the column that `labels` [N] names. */
function pick(graph: Emitter, values: string, labels: string): string {
  const columns = graph.node('Unsqueeze', [labels, graph.longs([1])])
  const picked = graph.node('GatherElements', [values, columns], { axis: 1 })
  return graph.node('Squeeze', [picked, graph.longs([1])])
}

function vector(graph: Emitter, values: readonly number[]): string {
  const data = Float32Array.from(values)
  return graph.constant('class_weights', { type: 'float32', dims: [data.length], data })
}
