// Which weights of a graph can be trained, and which of them are asked for.

import { DugaError } from '../errors.ts'
import { DATA_TYPE, type GraphProto, type NodeProto } from '../onnx/proto.ts'

/** Inputs of operators that hold weights, by position. Statistics of BatchNormalization are no parameters. */
const SLOTS: Readonly<Record<string, readonly number[]>> = {
  Conv: [1, 2],
  ConvTranspose: [1, 2],
  Gemm: [0, 1, 2],
  MatMul: [0, 1],
  BatchNormalization: [1, 2],
  InstanceNormalization: [1, 2],
  LayerNormalization: [1, 2],
  Gather: [0],
  PRelu: [1],
}

const PRODUCTS = new Set(['MatMul', 'Gemm', 'Conv', 'ConvTranspose'])
/** Operators between a weight and its layer, and between a product and its bias. */
const PASSING = new Set(['Identity', 'Transpose', 'Reshape', 'Unsqueeze', 'Squeeze'])

/** An exact name, or a pattern of names. */
export type Trainable = string | RegExp

/**
 * Names of the float32 initializers that are weights of layers, in the order of use: kernels, biases, scales, tables.
 * Other constants, such as the mean and deviation of a preprocessing step, are left out.
 */
export function parametersOf(graph: GraphProto): string[] {
  const stored = floats(graph)
  const found = new Set<string>()
  const origin = new Map<string, string>([...stored].map((name) => [name, name]))
  const products = new Set<string>()
  const note = (name: string | undefined): void => {
    const weight = origin.get(name ?? '')
    if (weight !== undefined) found.add(weight)
  }
  for (const node of graph.node) {
    const op = node.opType ?? ''
    for (const slot of SLOTS[op] ?? []) note(node.input[slot])
    if (PASSING.has(op)) passOn(node, origin, products)
    if (op === 'Add' && node.input.some((name) => products.has(name))) node.input.forEach(note)
    if (PRODUCTS.has(op)) for (const name of node.output) products.add(name)
  }
  return [...found]
}

/**
 * The names that a choice means: exact names may be any float32 initializer, patterns choose among
 * {@link parametersOf}; everything among these where there is no choice.
 *
 * @throws DugaError `training.no-value` for a name or pattern that fits none
 */
export function selectParameters(
  graph: GraphProto,
  choice: readonly Trainable[] | undefined,
): string[] {
  const candidates = parametersOf(graph)
  if (choice === undefined) return candidates
  const stored = floats(graph)
  const chosen = choice.flatMap((item) => {
    const names =
      typeof item === 'string'
        ? [item].filter((name) => stored.has(name))
        : candidates.filter((name) => item.test(name))
    if (names.length > 0) return names
    const found = candidates.slice(-40).join(', ')
    throw new DugaError('training.no-value', { kind: 'parameter', name: String(item), found })
  })
  return [...new Set(chosen)]
}

const floats = ({ initializer }: GraphProto): Set<string> =>
  new Set(
    initializer
      .filter(({ dataType }) => dataType === DATA_TYPE.float32)
      .map(({ name }) => name ?? ''),
  )

function passOn(node: NodeProto, origin: Map<string, string>, products: Set<string>): void {
  const [from, to] = [node.input[0]!, node.output[0]!]
  const weight = origin.get(from)
  if (weight !== undefined) origin.set(to, weight)
  if (products.has(from)) products.add(to)
}
