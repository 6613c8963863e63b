import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  affine,
  checkGradients,
  longs,
  scalar,
  spread,
} from '../../../test/builders/gradient-check.ts'
import { type Attributes, float } from '../../onnx/attribute.ts'

const SHAPES: readonly (readonly [number[], number[]])[] = [
  [
    [3, 5],
    [3, 5],
  ],
  [[3, 5], [5]],
  [
    [3, 1],
    [1, 5],
  ],
  [[2, 3, 5], []],
  [[1], [2, 3, 1]],
]

for (const op of ['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min', 'Sum', 'Mean']) {
  test(`${op} with broadcasting`, async () => {
    for (const [a, b] of SHAPES) {
      const second = op === 'Div' ? affine(spread(b, 2), 0.1, 3) : spread(b, 2)
      await checkGradients({
        inputs: { a: spread(a), b: affine(second, 1, op === 'Div' ? 0 : 0.03) },
        build: (graph) => graph.node(op, ['a', 'b']),
        step: 0.006,
      })
    }
  })
}

const UNARY: readonly (readonly [string, Attributes?, number?, number?])[] = [
  ['Abs'],
  ['Neg'],
  ['Exp'],
  ['Erf'],
  ['Sin'],
  ['Cos'],
  ['Log', {}, 0.3, 2],
  ['Sqrt', {}, 0.3, 2],
  ['Reciprocal', {}, 0.3, 2],
  ['Relu'],
  ['LeakyRelu'],
  ['LeakyRelu', { alpha: float(0.3) }],
  ['Elu', { alpha: float(0.7) }],
  ['Selu'],
  ['Softplus'],
  ['Softsign'],
  ['Sigmoid'],
  ['Tanh'],
  ['HardSigmoid', { alpha: float(0.877193), beta: float(0.5) }],
  ['HardSwish', {}, 4, 0.01],
  ['Gelu'],
  ['Gelu', { approximate: 'tanh' }],
  ['Softmax'],
  ['Softmax', { axis: 0 }],
  ['LogSoftmax'],
  ['LogSoftmax', { axis: 0 }],
  ['Identity'],
  ['Cast', { to: 1 }],
  ['Dropout'],
]

for (const [op, attributes = {}, scale = 1, offset = 0] of UNARY) {
  test(`${op} ${JSON.stringify(attributes)}`, () =>
    checkGradients({
      inputs: { x: affine(spread([5, 7]), scale, offset) },
      build: (graph) => graph.node(op, ['x'], attributes),
    }))
}

test('Clip with both bounds, one and none', async () => {
  for (const bounds of [
    [-0.51, 0.51],
    [-0.51, null],
    [null, 0.51],
    [null, null],
  ]) {
    await checkGradients({
      inputs: { x: spread([5, 7]) },
      build: (graph) => {
        const names = bounds.map((at) => (at === null ? '' : graph.initializer('at', scalar(at))))
        return graph.node('Clip', ['x', ...names])
      },
    })
  }
})

test('PRelu, a slope a channel', () =>
  checkGradients({
    inputs: { x: spread([2, 3, 5]), slope: spread([3, 1], 3) },
    build: (graph) => graph.node('PRelu', ['x', 'slope']),
  }))

test('Pow: a square, any power, and by the exponent', async () => {
  await checkGradients({
    inputs: { x: spread([5, 3]) },
    build: (graph) => graph.node('Pow', ['x', graph.initializer('two', scalar(2))]),
  })
  await checkGradients({
    inputs: { x: affine(spread([5, 3]), 0.5, 2), y: spread([3], 2, 0.4) },
    build: (graph) => graph.node('Pow', ['x', 'y']),
  })
})

test('Where', () =>
  checkGradients({
    inputs: { a: spread([3, 5]), b: spread([5], 2), c: spread([3, 1], 3) },
    fixed: ['c'],
    build: (graph) => {
      const zero = graph.initializer('zero', scalar(0))
      return graph.node('Where', [graph.node('Greater', ['c', zero]), 'a', 'b'])
    },
  }))

test('a value that is used many times receives the sum', () =>
  checkGradients({
    inputs: { x: spread([3, 5]) },
    build: (graph) => {
      const twice = graph.node('Add', ['x', 'x'])
      return graph.node('Mul', [twice, graph.node('Mul', ['x', graph.node('Tanh', ['x'])])])
    },
  }))

test('reductions over any axes, kept or not', async () => {
  const axes = fc.subarray([0, 1, 2])
  const op = fc.constantFrom(
    'ReduceSum',
    'ReduceMean',
    'ReduceMax',
    'ReduceMin',
    'ReduceSumSquare',
    'ReduceL1',
    'ReduceL2',
    'ReduceLogSumExp',
  )
  await fc.assert(
    fc.asyncProperty(op, axes, fc.boolean(), (name, over, keep) =>
      checkGradients({
        inputs: { x: spread([2, 3, 5]) },
        build: (graph) =>
          graph.node(
            name,
            over.length > 0 ? ['x', graph.initializer('axes', longs(...over))] : ['x'],
            {
              keepdims: keep ? 1 : 0,
            },
          ),
      }),
    ),
    { numRuns: 24, seed: 7 },
  )
})
