import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { loadSession } from '../../engine/runtime.ts'
import { createGraph } from '../../onnx/graph.ts'
import { readModel, writeModel } from '../../onnx/model.ts'
import { fromTensorProto } from '../../onnx/tensor-proto.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { foldDequantize } from './fold-dequantize.ts'

const int8 = (dims: number[], values: number[]): Tensor => ({
  type: 'int8',
  dims,
  data: Int8Array.from(values),
})
const float32 = (dims: number[], values: number[]): Tensor => ({
  type: 'float32',
  dims,
  data: Float32Array.from(values),
})

/** y = x · W, with W dequantised from the given constants. */
function quantised(w: Tensor, scale: Tensor, zero: Tensor, attributes: Record<string, number>) {
  const graph = createGraph('quantised')
  const x = graph.input('x', 'float32', [1, 2])
  const inputs = [graph.initializer('w', w), graph.initializer('s', scale)]
  const flat = graph.node(
    'DequantizeLinear',
    [...inputs, graph.initializer('z', zero)],
    attributes,
    { name: 'w32' },
  )
  const shape = { type: 'int64', dims: [2], data: BigInt64Array.of(0n, -1n) } as const
  const weight = graph.node('Reshape', [flat, graph.initializer('shape', shape)], {}, { name: 'W' })
  graph.output(graph.node('MatMul', [x, weight]), 'y', 'float32', [1, 4])
  return foldDequantize(graph.build({ opset: 21, irVersion: 10 }))
}

const W = [1, 2, 3, 4, -1, -2, -3, -4]

test('one scale for all, one a row, one a block', () => {
  const cases: [Tensor, Tensor, Record<string, number>, number[]][] = [
    [float32([], [0.5]), int8([], [1]), { block_size: 4 }, [0, 0.5, 1, 1.5, -1, -1.5, -2, -2.5]],
    [float32([2], [1, 10]), int8([2], [0, 0]), { axis: 0 }, [1, 2, 3, 4, -10, -20, -30, -40]],
    [
      float32([2, 2], [1, 2, 3, 4]),
      int8([2, 2], [0, 0, 0, 1]),
      { axis: 1, block_size: 2 },
      [1, 2, 6, 8, -3, -6, -16, -20],
    ],
  ]
  for (const [scale, zero, attributes, expected] of cases) {
    const graph = quantised(int8([2, 4], W), scale, zero, attributes).graph!
    assert.deepEqual(
      graph.node.map(({ opType }) => opType),
      ['MatMul', 'Identity'],
    )
    assert.deepEqual(
      graph.initializer.map(({ name }) => name),
      ['W'],
    )
    assert.deepEqual([...fromTensorProto(graph.initializer[0]!).data], expected)
  }
})

test('onnxruntime runs the folded graph', async () => {
  const model = quantised(int8([2, 4], W), float32([], [0.5]), int8([], [0]), { block_size: 4 })
  const session = await loadSession(writeModel(model))
  const { y } = await session.run({ x: float32([1, 2], [2, 4]) })
  assert.deepEqual([...y!.data], [-1, -2, -3, -4])
  await session.release()
})

test('nodes over values that are not constant stay', () => {
  const graph = createGraph('dynamic')
  const x = graph.input('x', 'int8', [4])
  const scale = graph.initializer('s', float32([], [2]))
  graph.output(graph.node('DequantizeLinear', [x, scale]), 'y', 'float32', [4])
  const folded = foldDequantize(graph.build({ opset: 21, irVersion: 10 })).graph!
  assert.equal(folded.node[0]!.opType, 'DequantizeLinear')
  assert.equal(folded.initializer.length, 1)
})

test('the committed detector has the weights that NumPy gives', () => {
  const sums = JSON.parse(
    readFileSync(new URL('fixtures/yunet-weights.json', import.meta.url), 'utf8'),
  ) as Record<string, [number, number]>
  const path = new URL('../../../models/face/detector.onnx', import.meta.url)
  const { initializer } = readModel(readFileSync(path)).graph!
  const weights = new Map(initializer.map((proto) => [proto.name, proto]))
  assert.equal(Object.keys(sums).length, 64)
  for (const [name, [sum, magnitude]] of Object.entries(sums)) {
    const reshaped = name.replace(/_dequantized$/, '_reshaped')
    const { data } = fromTensorProto(weights.get(name) ?? weights.get(reshaped)!)
    const values = Array.from(data, Number)
    const total = values.reduce((all, value) => all + value, 0)
    const absolute = values.reduce((all, value) => all + Math.abs(value), 0)
    assert.ok(Math.abs(total - sum) <= 1e-6 * magnitude + 1e-9, name)
    assert.ok(Math.abs(absolute - magnitude) <= 1e-6 * magnitude + 1e-9, name)
  }
})
