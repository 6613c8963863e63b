// Layers that join several inputs.
import {
  describe,
  type Emit,
  hasFlag,
  integers,
  type LayerCall,
  numberOf,
  plain,
  scalar,
  unsupported,
} from '../layer-call.ts'
import { inChannelsFirst, inKerasOrder, type KerasShape, type Value } from '../value.ts'
import { concatenate } from './reshape.ts'

function several(call: LayerCall): readonly Value[] {
  if (call.inputs.length > 0) return call.inputs
  throw unsupported(call.layer, 'it has no inputs')
}

/** All in one order of axes; those of lower rank get axes behind the batch, as Keras does it. */
function aligned(call: LayerCall, values: readonly Value[]): readonly Value[] {
  const { graph } = call
  const rank = Math.max(...values.map(({ shape }) => shape.length))
  const equal = values.every(({ shape }) => shape.length === rank)
  const first = equal && rank > 2 && values.some(({ channelsFirst }) => channelsFirst)
  return values.map((value) => {
    if (first) return inChannelsFirst(graph, value)
    const x = inKerasOrder(graph, value)
    const missing = rank - x.shape.length
    if (missing === 0) return x
    const axes = Array.from({ length: missing }, (_, at) => at + 1)
    const name = graph.node('Unsqueeze', [x.name, integers(graph, axes)])
    return plain(x, name, [x.shape[0]!, ...axes.map(() => 1), ...x.shape.slice(1)])
  })
}

export function broadcastShape(shapes: readonly KerasShape[]): KerasShape {
  const rank = Math.max(...shapes.map(({ length }) => length))
  return Array.from({ length: rank }, (_, axis) => {
    const dims = shapes
      .map((shape) => shape[axis - rank + shape.length])
      .filter((d) => d !== undefined)
    const wide = dims.filter((dim) => dim !== 1)
    if (wide.length === 0) return 1
    return wide.find((dim) => dim !== null) ?? null
  })
}

/** The mask of the first input that has one; several are joined by "and". */
function joinedMask(call: LayerCall, values: readonly Value[]): Value | null {
  const masks = values.map(({ mask }) => mask)
  if (masks.includes(null)) return null
  return masks.reduce((all, mask) =>
    all === mask ? all : { ...all!, name: call.graph.node('And', [all!.name, mask!.name]) },
  )
}

const folding =
  (op: string, finish: (call: LayerCall, x: Value, count: number) => Value = (_, x) => x): Emit =>
  (call) => {
    const values = aligned(call, several(call))
    const shape = broadcastShape(values.map((value) => value.shape))
    const [first, ...rest] = values as readonly [Value, ...Value[]]
    const name = rest.reduce((all, value) => call.graph.node(op, [all, value.name]), first.name)
    return finish(call, { ...first, name, shape, mask: joinedMask(call, values) }, values.length)
  }

const average = folding('Add', ({ graph }, x, count) => ({
  ...x,
  name: graph.node('Mul', [x.name, scalar(graph, 1 / count)]),
}))

const concat: Emit = (call) => {
  const values = several(call)
  return concatenate(call, values, numberOf(call.layer, 'axis', -1))
}

/** Sums over one axis of each, for inputs of rank 2 or 3. */
const dot: Emit = (call) => {
  const { graph, layer } = call
  const [a, b] = call.inputs.map((value) => inKerasOrder(graph, value))
  if (a === undefined || b === undefined) throw unsupported(layer, 'it takes two inputs')
  const given = layer.config.axes
  const pair = (Array.isArray(given) ? given : [given, given]).map(Number)
  const [left, right] = [a, b].map((x, at) =>
    pair[at]! < 0 ? pair[at]! + x.shape.length : pair[at]!,
  )
  if (![2, 3].includes(a.shape.length) || ![2, 3].includes(b.shape.length) || !left || !right) {
    throw unsupported(
      layer,
      `axes ${describe(given)} of inputs of rank ${a.shape.length}, ${b.shape.length}`,
    )
  }
  const ready = [a, b].map((x, at) => {
    if (!hasFlag(layer.config, 'normalize', false)) return x.name
    const axes = [at === 0 ? left : right]
    const norm = graph.node('ReduceL2', [x.name], { axes })
    return graph.node('Div', [x.name, graph.node('Max', [norm, scalar(graph, 1e-6)])])
  })
  // Both as [batch, what stays, what is summed].
  const matrix = (name: string, x: Value, axis: number): string => {
    if (x.shape.length === 2) return graph.node('Unsqueeze', [name, integers(graph, [1])])
    return axis === 2 ? name : graph.node('Transpose', [name], { perm: [0, 2, 1] })
  }
  const turned = graph.node('Transpose', [matrix(ready[1]!, b, right)], { perm: [0, 2, 1] })
  const whole = graph.node('MatMul', [matrix(ready[0]!, a, left), turned])
  const stays = (x: Value, axis: number): KerasShape =>
    x.shape.filter((_, at) => at !== 0 && at !== axis)
  const [rows, columns] = [stays(a, left), stays(b, right)]
  if (rows.length + columns.length === 0) {
    return plain(a, graph.node('Squeeze', [whole, integers(graph, [1])]), [a.shape[0]!, 1])
  }
  const gone = [...(rows.length === 0 ? [1] : []), ...(columns.length === 0 ? [2] : [])]
  const name = gone.length === 0 ? whole : graph.node('Squeeze', [whole, integers(graph, gone)])
  return plain(a, name, [a.shape[0]!, ...rows, ...columns])
}

export const MERGES: Readonly<Record<string, Emit>> = {
  Add: folding('Add'),
  Subtract: folding('Sub'),
  Multiply: folding('Mul'),
  Maximum: folding('Max'),
  Minimum: folding('Min'),
  Average: average,
  Concatenate: concat,
  Dot: dot,
}
