// Where a network can be cut in two: values that everything behind them comes from. Some of them begin a stage, which is
// what fine-tuning thaws one of after the other.
import { intsOf } from '../../onnx/attribute.ts'
import { cutModel, tailOf } from '../../onnx/cut-model.ts'
import { inferShapes } from '../../onnx/infer-shapes.ts'
import type { ModelProto, NodeProto } from '../../onnx/proto.ts'
import { upgradeModel } from '../../onnx/upgrade-opset.ts'

export interface CutPoint {
  /** Name of the value. */
  readonly name: string
  /** Without the batch. */
  readonly shape: readonly number[]
}

/**
 * The beginnings of a picture network's stages, the last first: cutting at the first thaws one stage, at the second two. A
 * stage has a width of its own; where blocks widen and narrow again, it begins at a narrow place.
 *
 * @param at value that the head reads
 * @throws DugaError `training.no-value`, `model.unknown-shape`
 */
export function findStageCuts(model: ModelProto, at: string): readonly CutPoint[] {
  const points = findCutPoints(model, at)
  const places = points.filter((point) => point.shape.length === 3 && area(point) > 1)
  const cuts = [...Map.groupBy(places, area).values()].flatMap(narrowPlaces)
  const seeing = cuts.map((cut) => spatialLayersBehind(model, at, cut))
  return cuts.filter((_, i) => seeing[i]! > (seeing[i + 1] ?? 0)).reverse()
}

/**
 * The last value before `at` that still has places: what a network without its top gives. `at` where there is none.
 *
 * @throws DugaError `training.no-value`, `model.unknown-shape`
 */
export function findLastPlanes(model: ModelProto, at: string): string {
  const planes = findCutPoints(model, at).filter(
    (point) => point.shape.length === 3 && area(point) > 1,
  )
  return planes.at(-1)?.name ?? at
}

/** How many layers behind a value look at more than one place: one that only mixes channels is no stage of its own. */
function spatialLayersBehind(model: ModelProto, at: string, { name, shape }: CutPoint): number {
  const { node } = tailOf(cutModel(upgradeModel(model), at), name, shape).graph!
  return node.filter(
    (one) => one.opType === 'Conv' && intsOf(one, 'kernel_shape', [2]).some((size) => size > 1),
  ).length
}

/** Values of four dimensions and less that are the only way from the inputs to `at`, in the order in which they are made. */
export function findCutPoints(model: ModelProto, at: string): readonly CutPoint[] {
  const upgraded = upgradeModel(model)
  const graph = upgraded.graph!
  const shapes = inferShapes(upgraded, { batch: 1 })
  const inputs = new Set(graph.input.map(({ name }) => name!))
  const end = graph.node.findIndex(({ output }) => output.includes(at))
  const nodes = liveNodes(graph.node.slice(0, end + 1), inputs, at)
  const lastUse = new Map<string, number>()
  for (const [i, { input }] of nodes.entries()) for (const name of input) lastUse.set(name, i)
  const open = new Set(inputs)
  const points: CutPoint[] = []
  for (const [i, { output }] of nodes.entries()) {
    for (const name of output) open.add(name)
    for (const name of open) if ((lastUse.get(name) ?? -1) <= i && name !== at) open.delete(name)
    const [name] = open
    if (open.size !== 1 || name === at || !output.includes(name!)) continue
    const { type, shape } = shapes.get(name!)!
    if (type === 'float32') points.push({ name: name!, shape: shape.slice(1) })
  }
  return points
}

/** Nodes on the way from an input to the value; constants and what is made of them alone are none. */
function liveNodes(
  nodes: readonly NodeProto[],
  inputs: ReadonlySet<string>,
  at: string,
): NodeProto[] {
  const fed = new Set(inputs)
  const reached = nodes.filter(({ input, output }) => {
    const is = input.some((name) => fed.has(name))
    if (is) for (const name of output) fed.add(name)
    return is
  })
  const needed = new Set([at])
  return reached
    .toReversed()
    .filter(({ input, output }) => {
      const is = output.some((name) => needed.has(name))
      if (is) for (const name of input) if (fed.has(name)) needed.add(name)
      return is
    })
    .toReversed()
    .map((node) => ({ ...node, input: node.input.filter((name) => fed.has(name)) }))
}

const area = ({ shape }: CutPoint): number => shape[1]! * shape[2]!

/** Of values of one resolution, the last of each width that is narrower than what stands around it. */
function narrowPlaces(points: readonly CutPoint[]): CutPoint[] {
  const runs: CutPoint[] = []
  for (const point of points) {
    if (runs.at(-1)?.shape[0] === point.shape[0]) runs.pop()
    runs.push(point)
  }
  const width = (i: number): number => runs[i]?.shape[0] ?? Number.POSITIVE_INFINITY
  return runs.filter((_, i) => width(i) < width(i - 1) && width(i) < width(i + 1))
}
