// Shapes of operators that move, copy or pick elements.

import { axisOf, broadcastShapes, type ShapeContext, type ShapeRule, sizeOf } from './rule.ts'

export const layoutShapes: Readonly<Record<string, ShapeRule>> = {
  Reshape: (context) => [{ type: context.input(0).type, shape: reshaped(context) }],
  Transpose: (context) => {
    const { type, shape } = context.input(0)
    const perm = context.ints('perm', [...shape.keys()].reverse())
    return [{ type, shape: perm.map((axis) => shape[axis]!) }]
  },
  Flatten: (context) => {
    const { type, shape } = context.input(0)
    const axis = axisOf(context.int('axis', 1), shape.length)
    return [{ type, shape: [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis))] }]
  },
  Concat: (context) => {
    const { type, shape } = context.input(0)
    const axis = axisOf(context.int('axis', 0), shape.length)
    const total = context.inputs.reduce((sum, value) => sum + value!.shape[axis]!, 0)
    return [{ type, shape: shape.with(axis, total) }]
  },
  Split: (context) => {
    const { type, shape } = context.input(0)
    const axis = axisOf(context.int('axis', 0), shape.length)
    const count = context.node.output.length
    const even = Math.ceil(shape[axis]! / count)
    const sizes =
      context.longs(1) ?? context.node.output.map((_, i) => Math.min(even, shape[axis]! - even * i))
    return sizes.map((size) => ({ type, shape: shape.with(axis, size) }))
  },
  Slice: (context) => {
    const { type, shape } = context.input(0)
    const sizes = sliceRanges(context).map(({ count }) => count)
    return [{ type, shape: shape.map((dim, i) => sizes[i] ?? dim) }]
  },
  Pad: (context) => {
    const { type, shape } = context.input(0)
    const { begins, ends } = padsOf(context)
    return [{ type, shape: shape.map((dim, i) => dim + begins[i]! + ends[i]!) }]
  },
  Squeeze: (context) => {
    const { type, shape } = context.input(0)
    const axes = context.longs(1)?.map((axis) => axisOf(axis, shape.length))
    return [{ type, shape: shape.filter((dim, i) => (axes ? !axes.includes(i) : dim !== 1)) }]
  },
  Unsqueeze: (context) => {
    const { type, shape } = context.input(0)
    const given = context.longs(1) ?? context.fail('it names no axes')
    const rank = shape.length + given.length
    const axes = given.map((axis) => axisOf(axis, rank))
    const rest = shape.values()
    const dims = Array.from({ length: rank }, (_, i) =>
      axes.includes(i) ? 1 : (rest.next().value ?? 1),
    )
    return [{ type, shape: dims }]
  },
  Expand: (context) => {
    const { type, shape } = context.input(0)
    const target = broadcastShapes(shape, context.longs(1)!)
    return [{ type, shape: target ?? context.fail('the shapes do not fit') }]
  },
  Tile: (context) => {
    const { type, shape } = context.input(0)
    const repeats = context.longs(1)!
    return [{ type, shape: shape.map((dim, i) => dim * repeats[i]!) }]
  },
  Gather: (context) => {
    const { type, shape } = context.input(0)
    const axis = axisOf(context.int('axis', 0), shape.length)
    const picked = context.input(1).shape
    return [{ type, shape: [...shape.slice(0, axis), ...picked, ...shape.slice(axis + 1)] }]
  },
  GatherElements: (context) => [{ type: context.input(0).type, shape: context.input(1).shape }],
  Shape: (context) => {
    const rank = context.input(0).shape.length
    const start = axisOf(context.int('start', 0), rank)
    const end = axisOf(context.int('end', rank), rank)
    return [{ type: 'int64', shape: [Math.max(end - start, 0)] }]
  },
  Size: () => [{ type: 'int64', shape: [] }],
  ConstantOfShape: (context) => {
    const fill = context.node.attribute.find(({ name }) => name === 'value')?.t
    const type = fill?.dataType === 7 ? 'int64' : 'float32'
    return [{ type, shape: context.longs(0)! }]
  },
  Resize: (context) => {
    const { type, shape } = context.input(0)
    const sizes = context.longs(3)
    if (sizes !== undefined && sizes.length > 0) return [{ type, shape: sizes }]
    const scales = Array.from(context.input(2).constant?.data ?? [], Number)
    if (scales.length !== shape.length) context.fail('its scales are not constant')
    return [{ type, shape: shape.map((dim, i) => Math.floor(dim * scales[i]!)) }]
  },
  DepthToSpace: (context) => {
    const { type, shape } = context.input(0)
    const block = context.int('blocksize', 1)
    const [n, c, h, w] = shape as [number, number, number, number]
    return [{ type, shape: [n, c / block ** 2, h * block, w * block] }]
  },
  SpaceToDepth: (context) => {
    const { type, shape } = context.input(0)
    const block = context.int('blocksize', 1)
    const [n, c, h, w] = shape as [number, number, number, number]
    return [{ type, shape: [n, c * block ** 2, h / block, w / block] }]
  },
}

/** What a Slice takes of each axis: a negative step counts downwards. */
export interface SliceRange {
  readonly start: number
  readonly step: number
  readonly count: number
}

/** The range of every axis of a Slice. */
export function sliceRanges(context: ShapeContext): SliceRange[] {
  const { shape } = context.input(0)
  const starts = context.longs(1)!
  const ends = context.longs(2)!
  const axes = context.longs(3) ?? [...starts.keys()]
  const steps = context.longs(4) ?? starts.map(() => 1)
  const ranges: SliceRange[] = shape.map((dim) => ({ start: 0, step: 1, count: dim }))
  for (const [i, given] of axes.entries()) {
    const axis = axisOf(given, shape.length)
    const [dim, step] = [shape[axis]!, steps[i]!]
    const clamp = (value: number, low: number, high: number): number =>
      Math.min(Math.max(value < 0 ? value + dim : value, low), high)
    const start = step > 0 ? clamp(starts[i]!, 0, dim) : clamp(starts[i]!, 0, dim - 1)
    const end = step > 0 ? clamp(ends[i]!, 0, dim) : clamp(ends[i]!, -1, dim - 1)
    ranges[axis] = { start, step, count: Math.max(Math.ceil((end - start) / step), 0) }
  }
  return ranges
}

/** What a Pad adds before and after each axis; negative where it cuts. */
export function padsOf(context: ShapeContext): { begins: number[]; ends: number[] } {
  const rank = context.input(0).shape.length
  const pads = context.longs(1)!
  const axes = context.longs(3) ?? Array.from({ length: rank }, (_, i) => i)
  const begins = Array<number>(rank).fill(0)
  const ends = Array<number>(rank).fill(0)
  for (const [i, given] of axes.entries()) {
    begins[axisOf(given, rank)] = pads[i]!
    ends[axisOf(given, rank)] = pads[axes.length + i]!
  }
  return { begins, ends }
}

function reshaped(context: ShapeContext): readonly number[] {
  const { shape } = context.input(0)
  const wish = context.longs(1)!
  const zeroIsZero = context.int('allowzero', 0) === 1
  const dims = wish.map((dim, i) => (dim === 0 && !zeroIsZero ? shape[i]! : dim))
  const known = dims.reduce((all, dim) => (dim === -1 ? all : all * dim), 1)
  const whole = dims.map((dim) => (dim === -1 ? sizeOf(shape) / known : dim))
  if (sizeOf(whole) !== sizeOf(shape)) context.fail(`[${shape}] cannot become [${wish}]`)
  return whole
}
