// What stands before the network of the vibration service: raw windows → scaled values, fitted to normal windows. Part of the
// served graph, so that training and service compute the same.
import type { GraphBuilder } from '../../onnx/graph.ts'
import { createGraph } from '../../onnx/graph.ts'
import { writeModel } from '../../onnx/model.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { addFeatures, FEATURES, type Floors } from './feature-graph.ts'
import type { Architecture } from './network.ts'
import { runAll, type WindowValues } from './run-model.ts'
import { fitWhitening, type Whitening } from './whitening.ts'

export interface Front {
  /** Values of a row. */
  readonly width: number
  /** In words, for reports. */
  readonly description: string
  /** @param input raw windows [N, points, 4] @returns the name of the scaled values [N, width] */
  add(graph: GraphBuilder, input: string): string
  /** The rows that the network is trained on. */
  scale(windows: readonly WindowValues[]): Promise<Float32Array[]>
}

const CHANNELS = 4

/** @param windows of normal running, at least two */
export async function fitFront(
  architecture: Architecture,
  windows: readonly WindowValues[],
  points: number,
): Promise<Front> {
  return architecture === 'dense'
    ? await fitFeatures(windows, points)
    : fitStandardScaler(windows, points)
}

/** Features of the window, whitened. */
async function fitFeatures(windows: readonly WindowValues[], points: number): Promise<Front> {
  const floors = findFloors(windows, points)
  const whitening = fitWhitening(await featuresOf(floors, windows, points))
  return {
    width: FEATURES,
    description: 'features of windows, whitened',
    add: (graph, input) => {
      const features = addFeatures(graph, input, floors)
      const constant = (name: string, dims: readonly number[], values: Float64Array): string => {
        const tensor: Tensor = { type: 'float32', dims, data: Float32Array.from(values) }
        return graph.initializer(name, tensor)
      }
      const centred = graph.node('Sub', [features, constant('mean', [FEATURES], whitening.mean)])
      const matrix = constant('whitening', [FEATURES, FEATURES], whitening.matrix)
      return graph.node('MatMul', [centred, matrix])
    },
    scale: async (some) => whiten(await featuresOf(floors, some, points), whitening),
  }
}

/** The points themselves, each axis brought to mean 0 and deviation 1 (scikit-learn's StandardScaler). */
function fitStandardScaler(windows: readonly WindowValues[], points: number): Front {
  const count = windows.length * points
  const mean = new Float64Array(CHANNELS)
  const square = new Float64Array(CHANNELS)
  const eachValue = (visit: (value: number, channel: number) => void): void => {
    for (const values of windows) {
      for (let i = 0; i < points * CHANNELS; i++) visit(values[i]!, i % CHANNELS)
    }
  }
  eachValue((value, channel) => {
    mean[channel]! += value / count
  })
  eachValue((value, channel) => {
    square[channel]! += (value - mean[channel]!) ** 2 / count
  })
  const offset = Float32Array.from(mean)
  const factor = Float32Array.from(square, (value) => 1 / (Math.sqrt(value) || 1))
  const width = points * CHANNELS
  return {
    width,
    description: 'raw windows, each axis scaled',
    add: (graph, input) => {
      const constant = (name: string, data: Float32Array): string =>
        graph.initializer(name, { type: 'float32', dims: [CHANNELS], data })
      const centred = graph.node('Sub', [input, constant('mean', offset)])
      return graph.node('Flatten', [graph.node('Mul', [centred, constant('factor', factor)])])
    },
    scale: async (some) =>
      some.map((values) =>
        Float32Array.from(
          { length: width },
          (_, i) => Math.fround(values[i]! - offset[i % CHANNELS]!) * factor[i % CHANNELS]!,
        ),
      ),
  }
}

/** A tenth of each axis' middle deviation: a standing or dead sensor lies far below it. */
function findFloors(windows: readonly WindowValues[], points: number): Floors {
  const floorOf = (axis: number): number => {
    const deviations = windows.map((values) => {
      const column = Float64Array.from({ length: points }, (_, i) => values[i * 4 + axis]!)
      const mean = column.reduce((sum, value) => sum + value, 0) / points
      return Math.sqrt(column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / points)
    })
    deviations.sort((a, b) => a - b)
    return Math.max(deviations[deviations.length >> 1]! / 10, 1e-6)
  }
  return [floorOf(0), floorOf(1), floorOf(2)]
}

async function featuresOf(
  floors: Floors,
  windows: readonly WindowValues[],
  points: number,
): Promise<Float32Array[]> {
  const graph = createGraph('vibration-features')
  const input = graph.input('input', 'float32', ['N', points, CHANNELS])
  graph.output(addFeatures(graph, input, floors), 'features', 'float32', ['N', FEATURES])
  const rows: Float32Array[] = []
  await runAll(writeModel(graph.build()), windows, points, ({ features }, count) => {
    for (let i = 0; i < count; i++) rows.push(features!.slice(i * FEATURES, (i + 1) * FEATURES))
  })
  return rows
}

function whiten(rows: readonly Float32Array[], { mean, matrix }: Whitening): Float32Array[] {
  return rows.map((row) =>
    Float32Array.from({ length: FEATURES }, (_, k) => {
      let sum = 0
      for (let i = 0; i < FEATURES; i++) sum += (row[i]! - mean[i]!) * matrix[i * FEATURES + k]!
      return sum
    }),
  )
}
