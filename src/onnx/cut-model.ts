// Keeps the part of a graph that some of its values need: cutting a network at a named layer, dropping what is dead.

import { DugaError } from '../errors.ts'
import { createValueInfo } from './graph.ts'
import type { GraphProto, ModelProto, ValueInfoProto } from './proto.ts'

const NAMES_SHOWN = 40

/**
 * A new model with one output, a value of the given one, and only what that value needs. Weights are shared.
 *
 * @param value name of a float value, such as the input of the last layer
 * @throws DugaError `training.no-value` where the graph has no such value
 */
export function cutModel(model: ModelProto, value: string): ModelProto {
  const graph = model.graph!
  const names = graph.node.flatMap(({ output }) => output)
  if (!names.includes(value)) {
    const found = names.slice(-NAMES_SHOWN).join(', ')
    throw new DugaError('training.no-value', { kind: 'value', name: value, found })
  }
  const known = [...graph.output, ...graph.valueInfo].find(({ name }) => name === value)
  const output = [known ?? withoutShape(value)]
  return { ...model, graph: { ...pruneGraph(graph, [value]), output } }
}

/**
 * A new model that begins where {@link cutModel} would end: the value becomes its input.
 *
 * @param shape of the value, without the batch
 * @throws DugaError `training.no-value` where the graph has no such value
 */
export function tailOf(model: ModelProto, value: string, shape: readonly number[]): ModelProto {
  // Says so where there is no such value.
  cutModel(model, value)
  const graph = model.graph!
  const node = graph.node.filter(({ output }) => !output.includes(value))
  const input = [createValueInfo(value, 'float32', ['N', ...shape])]
  const names = graph.output.map(({ name }) => name!)
  return { ...model, graph: pruneGraph({ ...graph, node, input }, names) }
}

/** The nodes, initializers and inputs that the given values need; outputs are left as they are. */
export function pruneGraph(graph: GraphProto, values: Iterable<string>): GraphProto {
  const needed = new Set(values)
  const node = graph.node
    .toReversed()
    .filter((candidate) => {
      const isNeeded = candidate.output.some((name) => needed.has(name))
      if (isNeeded) for (const name of candidate.input) needed.add(name)
      if (isNeeded) for (const name of outerValues(candidate)) needed.add(name)
      return isNeeded
    })
    .toReversed()
  return {
    ...graph,
    node,
    initializer: graph.initializer.filter(({ name }) => needed.has(name!)),
    input: graph.input.filter(({ name }) => needed.has(name!)),
    valueInfo: graph.valueInfo.filter(({ name }) => needed.has(name!)),
  }
}

/** Values that the bodies of If, Loop and Scan may take from the graph around them. */
function outerValues({ attribute }: GraphProto['node'][number]): string[] {
  const bodies = attribute.flatMap(({ g, graphs }) => (g === undefined ? graphs : [g, ...graphs]))
  return bodies.flatMap((body) => [
    ...body.node.flatMap((node) => [...node.input, ...outerValues(node)]),
    ...body.output.map(({ name }) => name ?? ''),
  ])
}

function withoutShape(name: string): ValueInfoProto {
  const info = createValueInfo(name, 'float32', [])
  return { ...info, type: { tensorType: { elemType: info.type!.tensorType!.elemType } } }
}
