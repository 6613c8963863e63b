// Layers that move, repeat, cut or pad what they are given.
import { float } from '../../../onnx/attribute.ts'
import {
  countOf,
  countsOf,
  describe,
  type Emit,
  fixed,
  float32,
  integers,
  isChannelsFirst,
  type LayerCall,
  onlyInput,
  plain,
  plainInput,
  textOf,
  unsupported,
} from '../layer-call.ts'
import type { LayerConfig } from '../model-config.ts'
import {
  inChannelsFirst,
  inKerasOrder,
  type KerasShape,
  toGraphAxis,
  type Value,
} from '../value.ts'
import { spaceOf, withSpace } from './convolve.ts'

const product = (dims: readonly (number | null)[]): number | null =>
  dims.reduce<number | null>((all, dim) => (all === null || dim === null ? null : all * dim), 1)

const flatten: Emit = (call) => {
  const { graph, layer } = call
  const given = onlyInput(call)
  // One pixel: the order of its axes does not matter.
  const ordered = given.channelsFirst && given.shape.slice(1, -1).every((dim) => dim === 1)
  let x = ordered ? given : inKerasOrder(graph, given)
  if (layer.config.data_format === 'channels_first' && x.shape.length > 2) {
    // Keras brings channels-first pictures into channels-last order first.
    const rank = x.shape.length
    const perm = [0, ...Array.from({ length: rank - 2 }, (_, at) => at + 2), 1]
    x = { ...x, name: graph.node('Transpose', [x.name], { perm }) }
  }
  const size = product(given.shape.slice(1))
  const name = graph.node('Flatten', [x.name], { axis: 1 })
  return plain(given, name, [given.shape[0]!, size])
}

/** Reshapes all but the batch; at most one size of `dims` may be null. */
function reshapeTo(call: LayerCall, x: Value, dims: KerasShape): Value {
  if (dims.filter((dim) => dim === null).length > 1) {
    throw unsupported(call.layer, 'more than one of its sizes is not fixed')
  }
  const target = [0, ...dims.map((dim) => dim ?? -1)]
  const name = call.graph.node('Reshape', [x.name, integers(call.graph, target)])
  return plain(x, name, [x.shape[0]!, ...dims])
}

const reshape: Emit = (call) => {
  const { layer } = call
  const x = plainInput(call)
  const target = layer.config.target_shape
  const good = (dim: unknown): boolean => Number.isInteger(dim) && Number(dim) >= -1
  if (!Array.isArray(target) || !target.every(good)) {
    throw unsupported(layer, `its "target_shape" is ${describe(target)}`)
  }
  const size = product(x.shape.slice(1))
  const rest = product(target.filter((dim) => dim !== -1))!
  const dims = target.map((dim) => (dim === -1 ? (size === null ? null : size / rest) : dim))
  return reshapeTo(call, x, dims)
}

const permute: Emit = (call) => {
  const { graph, layer } = call
  const x = plainInput(call)
  const dims = layer.config.dims
  const rank = x.shape.length
  const good = Array.isArray(dims) && [...dims].sort().join() === range(1, rank).join()
  if (!good) throw unsupported(layer, `its "dims" is ${describe(dims)}`)
  const perm = [0, ...(dims as number[])]
  return plain(
    x,
    graph.node('Transpose', [x.name], { perm }),
    perm.map((at) => x.shape[at]!),
  )
}

const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from }, (_, at) => from + at)

const repeatVector: Emit = (call) => {
  const { graph, layer } = call
  const x = plainInput(call)
  const count = countOf(layer, 'n')
  const wide = graph.node('Unsqueeze', [x.name, integers(graph, [1])])
  const name = graph.node('Tile', [wide, integers(graph, [1, count, 1])])
  return plain(x, name, [x.shape[0]!, count, x.shape[1]!])
}

/** `[[before, after], …]`, one a spatial axis; a number or a pair stand for more. */
function sides(
  layer: LayerConfig,
  key: string,
  rank: number,
): readonly (readonly [number, number])[] {
  const value = layer.config[key] ?? 1
  const list: readonly unknown[] = Array.isArray(value) ? value : new Array(rank).fill(value)
  // ZeroPadding1D takes (left, right).
  const items = rank === 1 && list.length === 2 ? [list] : list
  const pairs = items.map((item) => (Array.isArray(item) ? item : [item, item]))
  const good = (n: unknown): boolean => Number.isInteger(n) && Number(n) >= 0 && Number(n) < 1e6
  if (pairs.length !== rank || !pairs.every((pair) => pair.length === 2 && pair.every(good))) {
    throw unsupported(layer, `its "${key}" is ${describe(value)}`)
  }
  return pairs as unknown as readonly (readonly [number, number])[]
}

/** The axes of space in the graph's tensor. */
function spaceAxes(call: LayerCall, x: Value): readonly number[] {
  const rank = x.shape.length - 2
  return isChannelsFirst(call.layer) || x.channelsFirst ? range(2, rank + 2) : range(1, rank + 1)
}

/** As it comes; where the layer is of channels-first pictures, in Keras' order. */
function spatialInput(call: LayerCall): Value {
  const x = onlyInput(call)
  return isChannelsFirst(call.layer) ? inKerasOrder(call.graph, x) : x
}

const zeroPadding =
  (rank: number): Emit =>
  (call) => {
    const { graph, layer } = call
    const x = spatialInput(call)
    const pads = sides(layer, 'padding', rank)
    const begins = new Array<number>(rank + 2).fill(0)
    const ends = [...begins]
    spaceAxes(call, x).forEach((axis, at) => {
      begins[axis] = pads[at]![0]
      ends[axis] = pads[at]![1]
    })
    const name = graph.node('Pad', [x.name, integers(graph, [...begins, ...ends])])
    const space = spaceOf(call, x).map((dim, at) =>
      dim === null ? null : dim + pads[at]![0] + pads[at]![1],
    )
    return withSpace(call, { ...x, name }, space)
  }

const cropping =
  (rank: number): Emit =>
  (call) => {
    const { graph, layer } = call
    const x = spatialInput(call)
    const cut = sides(layer, 'cropping', rank)
    const name = graph.node('Slice', [
      x.name,
      integers(
        graph,
        cut.map(([before]) => before),
      ),
      integers(
        graph,
        cut.map(([, after]) => (after === 0 ? 2 ** 31 : -after)),
      ),
      integers(graph, spaceAxes(call, x)),
    ])
    const space = spaceOf(call, x).map((dim, at) =>
      dim === null ? null : dim - cut[at]![0] - cut[at]![1],
    )
    return withSpace(call, { ...x, name }, space)
  }

const NEAREST = {
  mode: 'nearest',
  coordinate_transformation_mode: 'asymmetric',
  nearest_mode: 'floor',
}

const upSampling =
  (rank: number): Emit =>
  (call) => {
    const { graph, layer } = call
    const key = layer.config.size === undefined && rank === 1 ? 'length' : 'size'
    const size = countsOf(layer, key, rank, 2)
    const method = textOf(layer, 'interpolation', 'nearest')
    const given = onlyInput(call)
    const x = isChannelsFirst(layer) ? inKerasOrder(graph, given) : inChannelsFirst(graph, given)
    const scales = graph.initializer('scales', float32([rank + 2], [1, 1, ...size]))
    const name = graph.node('Resize', [x.name, '', scales], resizing(layer, method))
    const space = spaceOf(call, x).map((dim, at) => (dim === null ? null : dim * size[at]!))
    return withSpace(call, { ...x, name }, space)
  }

function resizing(layer: LayerConfig, method: string) {
  if (method === 'nearest') return NEAREST
  if (method === 'bilinear') return { mode: 'linear', coordinate_transformation_mode: 'half_pixel' }
  if (method === 'bicubic') {
    const coordinates = { coordinate_transformation_mode: 'half_pixel', exclude_outside: 1 }
    return { mode: 'cubic', ...coordinates, cubic_coeff_a: float(-0.5) }
  }
  throw unsupported(layer, `its interpolation is "${method}"`)
}

/** The preprocessing layer. TensorFlow's nearest is floor((i + ½) · scale). */
const resize: Emit = (call) => {
  const { graph, layer } = call
  const given = onlyInput(call)
  for (const key of ['crop_to_aspect_ratio', 'pad_to_aspect_ratio', 'antialias']) {
    if (layer.config[key] === true) throw unsupported(layer, `its "${key}" is true`)
  }
  const size = [countOf(layer, 'height'), countOf(layer, 'width')]
  const method = textOf(layer, 'interpolation', 'bilinear')
  const x = isChannelsFirst(layer) ? inKerasOrder(graph, given) : inChannelsFirst(graph, given)
  const shape = graph.node('Shape', [x.name])
  const head = graph.node('Slice', [shape, integers(graph, [0]), integers(graph, [2])])
  const sizes = graph.node('Concat', [head, integers(graph, size)], { axis: 0 })
  const attributes =
    method === 'nearest'
      ? {
          mode: 'nearest',
          coordinate_transformation_mode: 'half_pixel',
          nearest_mode: 'round_prefer_ceil',
        }
      : resizing(layer, method)
  const name = graph.node('Resize', [x.name, '', '', sizes], attributes)
  return withSpace(call, { ...x, name }, size)
}

const centerCrop: Emit = (call) => {
  const { graph, layer } = call
  const x = spatialInput(call)
  const wanted = [countOf(layer, 'height'), countOf(layer, 'width')]
  const space = spaceOf(call, x).map((dim) => fixed(layer, dim, 'the size of its input'))
  if (space.some((dim, at) => dim < wanted[at]!)) {
    throw unsupported(layer, 'its input is smaller than what it cuts out, and would be enlarged')
  }
  const starts = space.map((dim, at) => Math.floor((dim - wanted[at]!) / 2))
  const ends = starts.map((start, at) => start + wanted[at]!)
  const axes = integers(graph, spaceAxes(call, x))
  const name = graph.node('Slice', [x.name, integers(graph, starts), integers(graph, ends), axes])
  return withSpace(call, { ...x, name }, wanted)
}

/** Joins values along one of Keras' axes, in the order of axes that most of them have. */
export function concatenate(call: LayerCall, values: readonly Value[], axis: number): Value {
  const { graph } = call
  const rank = values[0]!.shape.length
  const first = values.some(({ channelsFirst }) => channelsFirst) && rank > 2
  const ordered = values.map((value) =>
    first ? inChannelsFirst(graph, value) : inKerasOrder(graph, value),
  )
  const at = toGraphAxis(ordered[0]!, axis)
  const whole = axis < 0 ? axis + rank : axis
  const sizes = values.map(({ shape }) => shape[whole]!)
  const sum = sizes.reduce<number | null>(
    (all, dim) => (all === null || dim === null ? null : all + dim),
    0,
  )
  const shape = values[0]!.shape.map((dim, index) => (index === whole ? sum : dim))
  const name = graph.node(
    'Concat',
    ordered.map((value) => value.name),
    { axis: at },
  )
  return { ...ordered[0]!, name, shape }
}

export const RESHAPES: Readonly<Record<string, Emit>> = {
  Flatten: flatten,
  Reshape: reshape,
  Permute: permute,
  RepeatVector: repeatVector,
  ZeroPadding1D: zeroPadding(1),
  ZeroPadding2D: zeroPadding(2),
  ZeroPadding3D: zeroPadding(3),
  Cropping1D: cropping(1),
  Cropping2D: cropping(2),
  Cropping3D: cropping(3),
  UpSampling1D: upSampling(1),
  UpSampling2D: upSampling(2),
  UpSampling3D: upSampling(3),
  Resizing: resize,
  CenterCrop: centerCrop,
}
