// A picture network of a few thousand weights, for tests of what is learned on top of one: pictures float32 [N, 3, 32, 32] →
// scores of five classes.
import { createGraph } from '../../src/onnx/graph.ts'
import { writeModel } from '../../src/onnx/model.ts'
import { convolution, dense } from '../../src/train/layers/layers.ts'
import { createRandom } from '../../src/train/random.ts'

export function createTinyBackbone(): Uint8Array {
  const random = createRandom(5)
  const graph = createGraph('tiny')
  let value = graph.input('image', 'float32', ['N', 3, 32, 32])
  let inputs = 3
  for (const filters of [8, 16, 32]) {
    const layer = { name: `conv${filters}`, inputs, filters, kernel: [3, 3], random }
    value = graph.node('Relu', [convolution(graph, value, { ...layer, strides: [2, 2] })])
    inputs = filters
  }
  const flat = graph.node('Flatten', [graph.node('GlobalAveragePool', [value])])
  const scores = dense(graph, flat, { name: 'classes', inputs, units: 5, random })
  graph.output(scores, 'scores', 'float32', ['N', 5])
  return writeModel(graph.build())
}
