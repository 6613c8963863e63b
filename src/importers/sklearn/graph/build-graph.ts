// Steps → an ONNX graph over numbers, in float64 as scikit-learn computes. Outputs are named after what they are:
// probabilities, scores (decision_function), values (predict of a regressor), label, features (transform), distances.
import type { ModelProto } from '../../../onnx/proto.ts'
import type { Step } from '../steps.ts'
import { withMirror } from './class-scores.ts'
import { CONVERTERS, isPredictor } from './converters.ts'
import { featuresOf } from './features-of.ts'
import { type Block, createFlow, type Flow, type Prediction } from './flow.ts'

export interface BuiltGraph {
  readonly model: ModelProto
  readonly classes: readonly string[] | null
  readonly parameters: number
  /** False where the softmax over the margins is ours, and not what the model calls a probability. */
  readonly calibrated: boolean
}

/** TreeEnsemble of float64 came with this one. */
const DOMAINS = { 'ai.onnx.ml': 5 }
const IR_VERSION = 10

/** One input, `input` float64 [N, features]. @throws DugaError model.unsupported-layer */
export function buildGraph(steps: readonly Step[]): BuiltGraph {
  const flow = createFlow(CONVERTERS)
  const first = steps[0]!.object
  const width = featuresOf(first)
  const value = flow.graph.input('input', 'float64', ['N', width])
  return finish(flow, { value, width }, steps)
}

/** Inputs `ids` and `weights`, as of a linear text graph; rows are made as wide as the vocabulary. */
export function buildTextGraph(
  steps: readonly Step[],
  terms: number,
  scale: Float64Array | null,
): BuiltGraph {
  const flow = createFlow(CONVERTERS)
  const ids = flow.graph.input('ids', 'int64', ['N', 'T'])
  const weights = flow.cast(flow.graph.input('weights', 'float32', ['N', 'T']), 'float64')
  const rows = flow.op('Slice', [...[flow.op('Shape', [ids]), flow.whole([0]), flow.whole([1])]])
  const shape = flow.op('Concat', [rows, flow.whole([terms])], { axis: 0 })
  const empty = flow.op('Expand', [flow.scalar(0), shape])
  const dense = flow.op('ScatterElements', [empty, ids, weights], { axis: 1, reduction: 'add' })
  const value = scale === null ? dense : flow.op('Mul', [dense, flow.constant(scale, [1, terms])])
  return finish(flow, { value, width: terms }, steps, withProbabilities)
}

/** Texts are asked for probabilities: margins of a model that has none go through softmax. */
function withProbabilities(flow: Flow, prediction: Prediction): Prediction {
  const { classes, probabilities, scores } = prediction
  if (probabilities !== undefined || classes === null || scores === undefined) return prediction
  const margins = scores.width === 1 ? withMirror(flow, scores.value) : scores.value
  if (scores.width !== 1 && scores.width !== classes.length) return prediction
  return { ...prediction, probabilities: flow.op('Softmax', [margins], { axis: 1 }) }
}

function finish(
  flow: Flow,
  input: Block,
  steps: readonly Step[],
  complete = (_flow: Flow, prediction: Prediction): Prediction => prediction,
): BuiltGraph {
  const last = steps.at(-1)
  let classes: readonly string[] | null = null
  let calibrated = true
  if (last !== undefined && isPredictor(last.object.kind)) {
    const block = steps.slice(0, -1).reduce((all, { object }) => flow.transform(all, object), input)
    const prediction = flow.predict(block, last.object)
    const whole = complete(flow, prediction)
    calibrated = whole.probabilities === prediction.probabilities
    publish(flow, whole)
    if (Object.hasOwn(CONVERTERS.transformers, last.object.kind)) {
      publishBlock(flow, flow.transform(block, last.object), 'distances')
    }
    classes = prediction.classes
  } else {
    const block = steps.reduce((all, { object }) => flow.transform(all, object), input)
    publishBlock(flow, block, 'features')
  }
  const model = flow.graph.build({ domains: DOMAINS, irVersion: IR_VERSION })
  return { model, classes, calibrated, parameters: flow.parameters() }
}

function publish(flow: Flow, { classes, probabilities, scores, values, label }: Prediction): void {
  if (probabilities !== undefined) {
    publishBlock(flow, { value: probabilities, width: classes?.length ?? 1 }, 'probabilities')
  }
  if (scores !== undefined) publishBlock(flow, scores, 'scores')
  if (values !== undefined) publishBlock(flow, values, 'values')
  if (label !== undefined) flow.graph.output(label, 'label', 'int64', ['N'])
}

function publishBlock(flow: Flow, { value, width }: Block, name: string): void {
  flow.graph.output(value, name, 'float64', ['N', width])
}
