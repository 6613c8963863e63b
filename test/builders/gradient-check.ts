// Compares the gradients that the backward pass computes with central differences of the forward pass, element by
// element. Both are in float32; sums over outputs are made in float64, and the differences are of fourth order, so
// that a wide step is exact enough.

import assert from 'node:assert/strict'
import { loadSession } from '../../src/engine/runtime.ts'
import { createGraph, type GraphBuilder } from '../../src/onnx/graph.ts'
import { inferShapes } from '../../src/onnx/infer-shapes.ts'
import { writeModel } from '../../src/onnx/model.ts'
import type { ModelProto } from '../../src/onnx/proto.ts'
import type { Tensor, Tensors } from '../../src/tensor/tensor.ts'
import { differentiate } from '../../src/train/autodiff/differentiate.ts'
import { createEmitter } from '../../src/train/autodiff/emitter.ts'
import { createRandom, shuffled } from '../../src/train/random.ts'

export interface GradientCase {
  /** Adds the nodes under test to a graph whose inputs are named as `inputs`; returns the value to check. */
  readonly build: (graph: GraphBuilder) => string
  readonly inputs: Tensors
  /** Inputs of floats that are not checked. */
  readonly fixed?: readonly string[]
  /** Largest difference, as a part of the largest gradient or of 1. */
  readonly tolerance?: number
  readonly step?: number
}

const OPSET = { opset: 20, irVersion: 10 } as const

/**
 * Runs the check.
 *
 * @throws AssertionError naming input, element and both values
 */
export async function checkGradients(given: GradientCase): Promise<void> {
  const { inputs, tolerance = 2e-3, step = 0.01 } = given
  const checked = Object.keys(inputs).filter(
    (name) => inputs[name]!.type === 'float32' && !given.fixed?.includes(name),
  )
  const forward = declare(inputs)
  const model = forward.build(OPSET)
  const y = given.build(forward)
  const shape = inferShapes(model).get(y)!.shape
  const weights = spread(shape, 99)
  const loss = weigh(forward, y, weights, shape)
  const values = inferShapes(model)
  const names = differentiate({
    nodes: [...model.graph!.node],
    values,
    graph: createEmitter(forward),
    loss,
    by: checked,
  })
  for (const name of checked) {
    const gradient = names.get(name)
    assert.ok(gradient !== undefined, `no gradient by ${name}`)
    forward.output(gradient, `grad.${name}`, 'float32', inputs[name]!.dims)
  }
  await using step1 = await open(model)
  const analytic = await step1.run(inputs)
  await using plain = await open(onlyForward(given))
  const evaluate = async (feeds: Tensors): Promise<number> => {
    const { out } = await plain.run(feeds)
    let sum = 0
    for (const [i, weight] of weights.data.entries()) sum += Number(out!.data[i]) * Number(weight)
    return sum
  }
  for (const name of checked) {
    const expected = await differences(evaluate, inputs, name, step)
    compare(name, analytic[`grad.${name}`]!, inputs[name]!, { expected, tolerance })
  }
}

/** Distinct values at least 0.06 apart and none within 0.03 of zero, in random order: no kink is near. */
export function spread(dims: readonly number[], seed = 1, spacing = 0.06): Tensor {
  const length = dims.reduce((all, dim) => all * dim, 1)
  const half = Math.floor(length / 2)
  const values = Array.from({ length }, (_, i) => (i < half ? i - half : i - half + 1) * spacing)
  return {
    type: 'float32',
    dims,
    data: Float32Array.from(shuffled(values, createRandom(seed))),
  }
}

export const longs = (...values: number[]): Tensor => ({
  type: 'int64',
  dims: [values.length],
  data: BigInt64Array.from(values, BigInt),
})

export const scalar = (value: number): Tensor => ({
  type: 'float32',
  dims: [],
  data: Float32Array.of(value),
})

/** Every value moved by `offset` and scaled. */
export function affine(tensor: Tensor, scale: number, offset: number): Tensor {
  const data = Float32Array.from(tensor.data as Float32Array, (value) => value * scale + offset)
  return { ...tensor, data }
}

function declare(inputs: Tensors): GraphBuilder {
  const graph = createGraph('check')
  for (const [name, { type, dims }] of Object.entries(inputs)) graph.input(name, type, dims)
  return graph
}

function onlyForward({ build, inputs }: GradientCase): ModelProto {
  const graph = declare(inputs)
  const y = build(graph)
  const { type, shape } = inferShapes(graph.build(OPSET)).get(y)!
  graph.output(y, 'out', type, shape)
  return graph.build(OPSET)
}

function weigh(graph: GraphBuilder, y: string, weights: Tensor, shape: readonly number[]): string {
  const product = graph.node('Mul', [y, graph.initializer('weights', weights)])
  const all = graph.initializer('all', longs(...shape.keys()))
  return graph.node('ReduceSum', shape.length > 0 ? [product, all] : [product], { keepdims: 0 })
}

async function open(model: ModelProto) {
  const session = await loadSession(writeModel(model))
  return { ...session, [Symbol.asyncDispose]: () => session.release() }
}

async function differences(
  evaluate: (feeds: Tensors) => Promise<number>,
  inputs: Tensors,
  name: string,
  step: number,
): Promise<Float64Array> {
  const tensor = inputs[name]!
  const data = Float32Array.from(tensor.data as Float32Array)
  const feeds = { ...inputs, [name]: { ...tensor, data } }
  const out = new Float64Array(data.length)
  for (let i = 0; i < data.length; i++) {
    const centre = data[i]!
    const at = async (offset: number): Promise<number> => {
      data[i] = centre + offset
      return evaluate(feeds)
    }
    const near = (await at(step)) - (await at(-step))
    const far = (await at(2 * step)) - (await at(-2 * step))
    out[i] = (8 * near - far) / (12 * step)
    data[i] = centre
  }
  return out
}

function compare(
  name: string,
  actual: Tensor,
  input: Tensor,
  { expected, tolerance }: { readonly expected: Float64Array; readonly tolerance: number },
): void {
  assert.deepEqual(actual.dims, input.dims, `shape of the gradient by ${name}`)
  const scale = Math.max(1, ...expected.map(Math.abs))
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(Number(actual.data[i]) - expected[i]!)
    const where = `${name}[${i}]: ${actual.data[i]}, by differences ${expected[i]}`
    assert.ok(difference <= tolerance * scale, where)
  }
}
