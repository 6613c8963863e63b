// numpy.interp in a graph: straight lines between points, level outside them.
import type { Flow } from './flow.ts'

/**
 * @param value [N, 1]
 * @param x ascending; of equal ones the last counts, as in numpy
 */
export function interpolate(flow: Flow, value: string, x: Float64Array, y: Float64Array): string {
  if (x.length === 1) {
    return flow.op('Add', [flow.op('Mul', [value, flow.scalar(0)]), flow.scalar(y[0]!)])
  }
  const last = x.length - 1
  const inside = flow.op('Clip', [value, flow.scalar(x[0]!), flow.scalar(x[last]!)])
  const reached = flow.op('GreaterOrEqual', [inside, flow.constant(x.subarray(1), [1, last])])
  const count = flow.op('ReduceSum', [flow.cast(reached, 'int64'), flow.whole([1])], {
    keepdims: 1,
  })
  // The piece a value lies in; at the end of the last piece there is a level one.
  const slopes = Float64Array.from(x, (start, at) => {
    const width = (x[at + 1] ?? start) - start
    return width > 0 ? (y[at + 1]! - y[at]!) / width : 0
  })
  const gather = (values: Float64Array) =>
    flow.op('Gather', [flow.constant(values, [values.length]), count], { axis: 0 })
  const along = flow.op('Sub', [inside, gather(x)])
  return flow.op('Add', [flow.op('Mul', [gather(slopes), along]), gather(y)])
}
