import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkGradients, spread } from '../../../test/builders/gradient-check.ts'
import { loadSession } from '../../engine/runtime.ts'
import { createGraph } from '../../onnx/graph.ts'
import { writeModel } from '../../onnx/model.ts'
import type { Tensor, Tensors } from '../../tensor/tensor.ts'
import { createRandom } from '../random.ts'
import { replaceWeights } from '../replace-weights.ts'
import { gru, lstm } from './recurrent.ts'

const [ROWS, STEPS, INPUTS, UNITS] = [2, 3, 4, 5]
const LAYERS = { LSTM: { layer: lstm, gates: 4 }, GRU: { layer: gru, gates: 3 } } as const

for (const [op, { layer, gates }] of Object.entries(LAYERS)) {
  const width = gates * UNITS
  const weights: Tensors = {
    'cell.weight': spread([INPUTS, width], 1, 0.02),
    'cell.recurrent': spread([UNITS, width], 2, 0.02),
    'cell.bias': spread([width], 3),
    ...(op === 'GRU' ? { 'cell.recurrent_bias': spread([width], 4) } : {}),
  }
  const x = spread([ROWS, STEPS, INPUTS], 5, 0.1)
  const options = { name: 'cell', inputs: INPUTS, units: UNITS, steps: STEPS }

  test(`an unrolled ${op} answers as onnxruntime's own`, async () => {
    const graph = createGraph('unrolled')
    const input = graph.input('x', 'float32', [ROWS, STEPS, INPUTS])
    const states = layer(graph, input, { ...options, random: createRandom(1) })
    graph.output(states.at(-1)!, 'y', 'float32', [ROWS, UNITS])
    const unrolled = await run(writeModel(replaceWeights(graph.build(), weights)), x)
    const reference = await run(createReference(op, weights), x)
    for (const [i, value] of reference.data.entries()) {
      assert.ok(Math.abs(Number(value) - Number(unrolled.data[i])) < 1e-5, `element ${i}`)
    }
  })

  test(`gradients of an unrolled ${op} by its input`, () =>
    checkGradients({
      inputs: { x },
      build: (graph) => {
        const states = layer(graph, 'x', { ...options, random: createRandom(1) })
        return graph.node('Concat', states, { axis: 1 })
      },
    }))
}

/** The operator itself: weights transposed, biases of input and recurrence side by side, time first. */
function createReference(op: string, weights: Tensors): Uint8Array {
  const graph = createGraph('reference')
  const input = graph.input('x', 'float32', [ROWS, STEPS, INPUTS])
  const turned = (name: string): string => {
    const transposed = graph.node('Transpose', [graph.initializer('w', weights[name]!)])
    return graph.node('Unsqueeze', [transposed, graph.initializer('axis', axis(0))])
  }
  const bias = weights['cell.bias']!.data as Float32Array
  const inner = (weights['cell.recurrent_bias']?.data as Float32Array) ?? bias.map(() => 0)
  const both = {
    type: 'float32',
    dims: [1, 2 * bias.length],
    data: Float32Array.of(...bias, ...inner),
  }
  const names = [
    graph.node('Transpose', [input], { perm: [1, 0, 2] }),
    turned('cell.weight'),
    turned('cell.recurrent'),
    graph.initializer('b', both as Tensor),
  ]
  const more = op === 'GRU' ? { linear_before_reset: 1 } : {}
  const [, last] = graph.nodes(op, names, 2, { hidden_size: UNITS, ...more })
  const squeezed = graph.node('Squeeze', [last!, graph.initializer('axis', axis(0))])
  graph.output(squeezed, 'y', 'float32', [ROWS, UNITS])
  return writeModel(graph.build())
}

const axis = (value: number): Tensor => ({
  type: 'int64',
  dims: [1],
  data: BigInt64Array.of(BigInt(value)),
})

async function run(model: Uint8Array, x: Tensor): Promise<Tensor> {
  const session = await loadSession(model)
  const { y } = await session.run({ x })
  await session.release()
  return y!
}
