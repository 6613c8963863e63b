// Reverse-mode differentiation of an ONNX graph: the nodes of the backward pass are ordinary operators, added to the
// same graph. Second derivatives are not supported.

import { DugaError } from '../../errors.ts'
import { stringOf } from '../../onnx/attribute.ts'
import type { NodeProto } from '../../onnx/proto.ts'
import { createShapeContext, type Value } from '../../onnx/shapes/rule.ts'
import type { Emitter } from './emitter.ts'
import { gradients as RULES } from './gradients.ts'
import type { GradientContext } from './rule.ts'

export interface DifferentiateOptions {
  /** The forward graph in topological order, as ONNX has it. */
  readonly nodes: readonly NodeProto[]
  /** Types and shapes of its values. */
  readonly values: ReadonlyMap<string, Value>
  readonly graph: Emitter
  /** The value to differentiate, of one element. */
  readonly loss: string
  /** Values by which it is differentiated. */
  readonly by: Iterable<string>
}

/**
 * Emits the backward pass.
 *
 * @returns name of the gradient by name of the value; a value on which the loss does not depend is left out
 * @throws DugaError `training.no-gradient` for an operator on the way that has no rule, naming the node
 */
export function differentiate(options: DifferentiateOptions): Map<string, string> {
  const { nodes, values, graph, loss } = options
  const wanted = new Set(options.by)
  const needed = dependents(nodes, values, wanted)
  const parts = new Map<string, string[]>()
  const shape = values.get(loss)!.shape
  parts.set(loss, [graph.node('Expand', [graph.scalar(1), graph.longs(shape)])])
  const take = (name: string): string | undefined => {
    const list = parts.get(name)
    if (list === undefined) return undefined
    const sum = list.length === 1 ? list[0]! : graph.node('Sum', list)
    parts.set(name, [sum])
    return sum
  }
  for (const node of nodes.toReversed()) {
    if (!node.output.some((name) => needed.has(name))) continue
    const received = node.output.map((name) => (needed.has(name) ? take(name) : undefined))
    if (received.every((gradient) => gradient === undefined)) continue
    const context = createContext(node, received, { values, graph, needed })
    const rule = RULES[node.opType ?? ''] ?? context.refuse()
    for (const [i, gradient] of rule(context).entries()) {
      const name = node.input[i]!
      if (gradient === null || !needed.has(name)) continue
      parts.set(name, [...(parts.get(name) ?? []), gradient])
    }
  }
  const found = [...wanted].map((name) => [name, take(name)] as const)
  return new Map(found.filter((entry): entry is [string, string] => entry[1] !== undefined))
}

/** Every value of floats that depends on a wanted one. */
function dependents(
  nodes: readonly NodeProto[],
  values: ReadonlyMap<string, Value>,
  wanted: ReadonlySet<string>,
): Set<string> {
  const needed = new Set(wanted)
  for (const node of nodes) {
    if (!node.input.some((name) => needed.has(name))) continue
    for (const name of node.output) {
      if (values.get(name)?.type.startsWith('float')) needed.add(name)
    }
  }
  return needed
}

interface Surroundings {
  readonly values: ReadonlyMap<string, Value>
  readonly graph: Emitter
  readonly needed: ReadonlySet<string>
}

function createContext(
  node: NodeProto,
  received: readonly (string | undefined)[],
  { values, graph, needed }: Surroundings,
): GradientContext {
  const inputs = node.input.map((name) => (name === '' ? undefined : values.get(name)))
  const context = createShapeContext(node, inputs)
  const refuse = (): never => {
    const name = node.name ?? node.output[0] ?? ''
    throw new DugaError('training.no-gradient', { node: name, op: node.opType ?? '' })
  }
  return {
    ...context,
    graph,
    get gradient() {
      return received[0] ?? refuse()
    },
    gradients: received,
    x: (index) => node.input[index]!,
    y: (index = 0) => node.output[index]!,
    shape: (index) => context.input(index).shape,
    outputShape: (index = 0) => values.get(node.output[index]!)!.shape,
    needs: (index) => needed.has(node.input[index] ?? ''),
    string: (name, otherwise) => stringOf(node, name, otherwise),
    refuse,
  }
}
