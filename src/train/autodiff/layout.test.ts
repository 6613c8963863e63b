import { test } from 'node:test'
import * as fc from 'fast-check'
import { checkGradients, longs, spread } from '../../../test/builders/gradient-check.ts'
import type { Attributes } from '../../onnx/attribute.ts'
import type { GraphBuilder } from '../../onnx/graph.ts'
import type { Tensor } from '../../tensor/tensor.ts'

const CASES: Readonly<
  Record<string, readonly [string, number[], Attributes, ...(Tensor | null)[]]>
> = {
  Reshape: ['Reshape', [2, 3, 5], {}, longs(0, -1)],
  Flatten: ['Flatten', [2, 3, 5], { axis: 2 }],
  'Transpose with an order': ['Transpose', [2, 3, 5], { perm: [1, 2, 0] }],
  'Transpose without': ['Transpose', [2, 3, 5], {}],
  Squeeze: ['Squeeze', [3, 1, 5], {}, longs(1)],
  Unsqueeze: ['Unsqueeze', [3, 5], {}, longs(0, -1)],
  Expand: ['Expand', [3, 1], {}, longs(2, 1, 5)],
  Tile: ['Tile', [2, 3], {}, longs(2, 3)],
  Pad: ['Pad', [3, 5], {}, longs(1, 0, 0, 2)],
  'Pad that cuts': ['Pad', [3, 5], {}, longs(-1, 1, 1, -2)],
  'Pad of one axis': ['Pad', [3, 5], {}, longs(1, 2), null, longs(-1)],
  'Resize to twice the size': [
    'Resize',
    [1, 2, 3, 2],
    { mode: 'nearest' },
    null,
    null,
    longs(1, 2, 6, 6),
  ],
  'Resize as older exporters write it': [
    'Resize',
    [1, 2, 3, 2],
    { coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
    null,
    null,
    longs(1, 2, 6, 4),
  ],
}

for (const [name, [op, shape, attributes, ...rest]] of Object.entries(CASES)) {
  test(name, () =>
    checkGradients({
      inputs: { x: spread(shape) },
      build: (graph) =>
        graph.node(op, ['x', ...rest.map((item) => constant(graph, item))], attributes),
    }),
  )
}

const constant = (graph: GraphBuilder, item: Tensor | null): string =>
  item === null ? '' : graph.initializer('constant', item)

test('Concat of two values and one twice', () =>
  checkGradients({
    inputs: { a: spread([2, 3]), b: spread([2, 5], 2) },
    build: (graph) => graph.node('Concat', ['a', 'b', 'a'], { axis: 1 }),
  }))

test('Split of which a part is used', () =>
  checkGradients({
    inputs: { x: spread([3, 7]) },
    build: (graph) => {
      const sizes = graph.initializer('sizes', longs(2, 4, 1))
      const [first, , last] = graph.nodes('Split', ['x', sizes], 3, { axis: 1 })
      return graph.node('Mul', [first!, last!])
    },
  }))

test('Slice with any bounds and steps', async () => {
  const at = fc.integer({ min: -8, max: 8 })
  const step = fc.constantFrom(1, 2, 3, -1, -2)
  const axis = fc.record({ start: at, stop: at, step })
  await fc.assert(
    fc.asyncProperty(axis, axis, async (a, b) => {
      fc.pre(taken(a, 5) > 0 && taken(b, 7) > 0)
      await checkGradients({
        inputs: { x: spread([2, 5, 7]) },
        build: (graph) => {
          const lists = [
            longs(a.start, b.start),
            longs(a.stop, b.stop),
            longs(1, -1),
            longs(a.step, b.step),
          ]
          return graph.node('Slice', ['x', ...lists.map((item) => constant(graph, item))])
        },
      })
    }),
    { numRuns: 25, seed: 5 },
  )
})

interface Range {
  readonly start: number
  readonly stop: number
  readonly step: number
}

/** How many elements Python's slice takes. */
function taken({ start, stop, step }: Range, size: number): number {
  const from = start < 0 ? start + size : start
  const to = stop < 0 ? stop + size : stop
  let count = 0
  const low = step > 0 ? Math.max(from, 0) : Math.max(to, -1) + 1
  const high = step > 0 ? Math.min(to, size) : Math.min(from, size - 1) + 1
  for (let i = low; i < high; i += Math.abs(step)) count += 1
  return count
}
