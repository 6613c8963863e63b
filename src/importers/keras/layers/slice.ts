// `x[:, -1, 2:5]` of a value, from the forms in which Keras 2 and 3 store it.
import { describe, integers, type LayerCall, plain, unsupported } from '../layer-call.ts'
import { isObject } from '../model-config.ts'
import type { Value } from '../value.ts'

interface Range {
  readonly start: number | null
  readonly stop: number | null
  readonly step: number | null
}

const LAST = 2 ** 31

/** @param key a list of indices and slices, one an axis; missing ones take all */
export function sliceValue(call: LayerCall, x: Value, key: unknown): Value {
  const { graph, layer } = call
  const items = (Array.isArray(key) ? key : [key]).map((item) => toItem(call, item))
  const [batch] = items
  const whole = typeof batch === 'object' && batch.start === null && batch.stop === null
  if (!whole || items.length > x.shape.length) {
    throw unsupported(layer, `it takes out ${describe(key)}; the batch has to stay as it is`)
  }
  const starts: number[] = []
  const stops: number[] = []
  const steps: number[] = []
  const axes: number[] = []
  const dropped: number[] = []
  const shape = x.shape.map((dim, axis) => {
    const item = items[axis]
    if (item === undefined || axis === 0) return dim
    const range = typeof item === 'number' ? { start: item, stop: item + 1, step: 1 } : item
    const { start, stop, step } = range
    const by = step ?? 1
    if (by < 1) throw unsupported(layer, 'it takes steps backwards')
    axes.push(axis)
    steps.push(by)
    starts.push(start ?? 0)
    stops.push(stop === null || (typeof item === 'number' && item === -1) ? LAST : stop)
    if (typeof item === 'number') dropped.push(axis)
    if (dim === null) return typeof item === 'number' ? 1 : null
    const place = (at: number): number => Math.min(dim, Math.max(0, at < 0 ? at + dim : at))
    return Math.max(0, Math.ceil((place(stops.at(-1)!) - place(starts.at(-1)!)) / by))
  })
  const parts = [starts, stops, axes, steps].map((values) => integers(graph, values))
  const cut = axes.length === 0 ? x.name : graph.node('Slice', [x.name, ...parts])
  const name = dropped.length === 0 ? cut : graph.node('Squeeze', [cut, integers(graph, dropped)])
  return plain(
    x,
    name,
    shape.filter((_, axis) => !dropped.includes(axis)),
  )
}

function toItem({ layer }: LayerCall, item: unknown): number | Range {
  if (Number.isInteger(item)) return item as number
  // Keras 3: {"class_name":"__slice__","config":{…}}; Keras 2: {"start","stop","step"}.
  const range = isObject(item) && isObject(item.config) ? item.config : item
  if (isObject(range) && 'start' in range) {
    const bound = (value: unknown): number | null => {
      if (value === null || value === undefined) return null
      if (Number.isInteger(value)) return value as number
      throw unsupported(layer, `it takes out ${describe(item)}`)
    }
    return { start: bound(range.start), stop: bound(range.stop), step: bound(range.step) }
  }
  throw unsupported(layer, `it takes out ${describe(item)}`)
}
