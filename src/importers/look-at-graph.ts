// What the first and last operators of a graph tell: whether it scales its pictures itself, and whether it answers
// probabilities.
import { readModel } from '../onnx/model.ts'
import type { GraphProto, NodeProto } from '../onnx/proto.ts'

/** Operators that change no value. */
const PASSING: ReadonlySet<string> = new Set([
  ...['Identity', 'Transpose', 'Cast', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Pad'],
  ...['Resize', 'Slice', 'Dropout'],
])
const SCALING: ReadonlySet<string> = new Set(['Mul', 'Div', 'Sub', 'Add', 'BatchNormalization'])

export interface GraphLook {
  /** The input is scaled or shifted before anything else is done with it. */
  readonly normalises: boolean
  /** What the first output comes from. */
  readonly ending: 'softmax' | 'sigmoid' | 'other'
}

export function lookAtGraph(bytes: Uint8Array): GraphLook {
  const graph = readModel(bytes).graph!
  return { normalises: SCALING.has(firstOperator(graph)), ending: endingOf(graph) }
}

function firstOperator({ node, input, initializer }: GraphProto): string {
  const weights = new Set(initializer.map(({ name }) => name))
  let value = input.find(({ name }) => !weights.has(name))?.name
  for (let steps = 0; value !== undefined && steps < node.length; steps += 1) {
    const users: readonly NodeProto[] = node.filter((one) => one.input.includes(value!))
    if (users.length !== 1 || !PASSING.has(users[0]!.opType ?? '')) return users[0]?.opType ?? ''
    value = users[0]!.output[0]
  }
  return ''
}

function endingOf({ node, output }: GraphProto): GraphLook['ending'] {
  let value = output[0]?.name
  for (let steps = 0; steps < node.length; steps += 1) {
    const maker = node.find((one) => value !== undefined && one.output.includes(value))
    if (maker?.opType === 'Softmax') return 'softmax'
    if (maker?.opType === 'Sigmoid') return 'sigmoid'
    if (maker === undefined || !PASSING.has(maker.opType ?? '')) return 'other'
    value = maker.input[0]
  }
  return 'other'
}
