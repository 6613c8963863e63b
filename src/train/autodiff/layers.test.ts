import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { affine, checkGradients, longs, spread } from '../../../test/builders/gradient-check.ts'
import { loadSession } from '../../engine/runtime.ts'
import { type Attributes, float } from '../../onnx/attribute.ts'
import { createGraph } from '../../onnx/graph.ts'
import { inferShapes } from '../../onnx/infer-shapes.ts'
import { writeModel } from '../../onnx/model.ts'
import { differentiate } from './differentiate.ts'
import { createEmitter } from './emitter.ts'

test('MatMul of vectors, matrices and stacks with broadcasting', async () => {
  for (const [a, b] of [
    [
      [3, 5],
      [5, 2],
    ],
    [
      [2, 3, 5],
      [5, 2],
    ],
    [
      [2, 3, 5],
      [2, 5, 2],
    ],
    [
      [2, 1, 3, 5],
      [3, 5, 2],
    ],
    [
      [3, 5],
      [2, 5, 2],
    ],
    [[5], [5, 2]],
    [[3, 5], [5]],
    [[5], [5]],
  ] as const) {
    await checkGradients({
      inputs: { a: spread(a), b: spread(b, 2) },
      build: (graph) => graph.node('MatMul', ['a', 'b']),
      step: 0.05,
    })
  }
})

test('Gemm in every form', async () => {
  const shapes = fc.constantFrom([], [2], [1, 2], [3, 1], [3, 2])
  const scale = fc.constantFrom(1, 0.5)
  await fc.assert(
    fc.asyncProperty(
      fc.boolean(),
      fc.boolean(),
      scale,
      scale,
      shapes,
      (transA, transB, alpha, beta, c) =>
        checkGradients({
          inputs: {
            a: spread(transA ? [5, 3] : [3, 5]),
            b: spread(transB ? [2, 5] : [5, 2], 2),
            c: spread(c, 3),
          },
          build: (graph) =>
            graph.node('Gemm', ['a', 'b', 'c'], {
              transA: transA ? 1 : 0,
              transB: transB ? 1 : 0,
              alpha: float(alpha),
              beta: float(beta),
            }),
          step: 0.05,
        }),
    ),
    { numRuns: 30, seed: 3 },
  )
})

const POOLS: readonly (readonly [string, number[], Attributes])[] = [
  ['MaxPool', [2, 2, 7, 5], { kernel_shape: [2, 2], strides: [2, 2] }],
  ['MaxPool', [2, 1, 6, 7], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }],
  ['MaxPool', [1, 2, 6, 5], { kernel_shape: [3, 2], dilations: [2, 1], pads: [1, 0, 0, 1] }],
  ['MaxPool', [2, 2, 9], { kernel_shape: [3], strides: [3] }],
  ['MaxPool', [2, 2, 7], { kernel_shape: [2], strides: [2], ceil_mode: 1 }],
  ['MaxPool', [1, 2, 5, 5], { kernel_shape: [3, 3], strides: [2, 2], auto_pad: 'SAME_UPPER' }],
  ['AveragePool', [2, 2, 7, 5], { kernel_shape: [2, 2], strides: [2, 2] }],
  ['AveragePool', [2, 2, 7, 5], { kernel_shape: [2, 3], strides: [3, 2], pads: [1, 1, 0, 1] }],
  [
    'AveragePool',
    [1, 2, 6, 5],
    { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], count_include_pad: 1 },
  ],
  ['AveragePool', [2, 2, 8], { kernel_shape: [3], strides: [2], ceil_mode: 1 }],
  ['AveragePool', [1, 1, 5, 6], { kernel_shape: [2, 2], auto_pad: 'SAME_LOWER' }],
  ['GlobalAveragePool', [2, 3, 3, 5], {}],
  ['GlobalMaxPool', [2, 3, 3, 5], {}],
  ['GlobalMaxPool', [2, 3, 7], {}],
]

for (const [op, shape, attributes] of POOLS) {
  test(`${op} of [${shape}] ${JSON.stringify(attributes)}`, () =>
    checkGradients({
      inputs: { x: spread(shape) },
      build: (graph) => graph.node(op, ['x'], attributes),
    }))
}

for (const shape of [
  [6, 3],
  [3, 2, 5],
  [2, 3, 3, 5],
]) {
  test(`BatchNormalization of [${shape}], of the batch and stored`, async () => {
    const inputs = {
      x: spread(shape),
      scale: affine(spread([shape[1]!], 2), 1, 1),
      bias: spread([shape[1]!], 3),
      mean: spread([shape[1]!], 4),
      variance: affine(spread([shape[1]!], 5), 1, 2),
    }
    const names = Object.keys(inputs)
    for (const training of [0, 1]) {
      await checkGradients({
        inputs,
        fixed: ['mean', 'variance'],
        build: (graph) =>
          graph.nodes('BatchNormalization', names, training === 1 ? 3 : 1, {
            epsilon: float(0.01),
            momentum: float(0),
            training_mode: training,
          })[0]!,
      })
    }
  })
}

test('LayerNormalization over one or more axes, InstanceNormalization', async () => {
  for (const [axis, shape] of [
    [-1, [5]],
    [1, [3, 5]],
  ] as const) {
    await checkGradients({
      inputs: { x: spread([2, 3, 5]), scale: affine(spread(shape, 2), 1, 1), bias: spread(shape) },
      build: (graph) => graph.node('LayerNormalization', ['x', 'scale', 'bias'], { axis }),
    })
  }
  await checkGradients({
    inputs: { x: spread([2, 3, 5]), scale: affine(spread([3], 2), 1, 1), bias: spread([3], 3) },
    build: (graph) => graph.node('InstanceNormalization', ['x', 'scale', 'bias']),
  })
})

test('Gather on any axis, with repeated and negative indices; GatherElements', async () => {
  for (const [axis, indices] of [
    [0, { type: 'int64', dims: [2, 3], data: BigInt64Array.of(0n, 2n, 2n, 1n, -1n, 0n) }],
    [1, longs(4, 0, 4)],
    [1, { type: 'int64', dims: [], data: BigInt64Array.of(3n) }],
  ] as const) {
    await checkGradients({
      inputs: { x: spread([3, 5]), indices },
      build: (graph) => graph.node('Gather', ['x', 'indices'], { axis }),
    })
  }
  const indices = { type: 'int64', dims: [3, 1], data: BigInt64Array.of(4n, 0n, 4n) } as const
  await checkGradients({
    inputs: { x: spread([3, 5]), indices },
    build: (graph) => graph.node('GatherElements', ['x', 'indices'], { axis: 1 }),
  })
})

test('of equal elements of a window the first has its gradient', async () => {
  const graph = createGraph('ties')
  const x = graph.input('x', 'float32', [1, 1, 4])
  const pooled = graph.node('MaxPool', [x], { kernel_shape: [2], strides: [2] })
  const loss = graph.node('ReduceSum', [pooled], { keepdims: 0 })
  const model = graph.build({ opset: 20, irVersion: 10 })
  const found = differentiate({
    nodes: [...model.graph!.node],
    values: inferShapes(model),
    graph: createEmitter(graph),
    loss,
    by: [x],
  })
  graph.output(found.get(x)!, 'gradient', 'float32', [1, 1, 4])
  const session = await loadSession(writeModel(model))
  const data = Float32Array.of(2, 2, 0, 3)
  const { gradient } = await session.run({ x: { type: 'float32', dims: [1, 1, 4], data } })
  assert.deepEqual([...gradient!.data], [1, 0, 0, 1])
  await session.release()
})

test('an operator without a gradient is an error that names the node', async () => {
  const refused = checkGradients({
    inputs: { x: spread([3, 5]) },
    build: (graph) => graph.node('CumSum', ['x', graph.initializer('axis', longs(1))]),
  })
  await assert.rejects(refused, /"cumsum" \(CumSum\) has no gradient/)
})
