// A seeded, untrained autoencoder of the size and shape of a vibration model (24-64-16-64-24), with a scaler and errors
// that fit made windows, so that all around the model can be tested. It is never shipped.
import { createGraph } from '../../src/onnx/graph.ts'
import { writeModel } from '../../src/onnx/model.ts'
import { toWindow, type VibrationPoint } from '../../src/services/vibration/input.ts'
import type { Tensor } from '../../src/tensor/tensor.ts'
import { windowFeatures } from '../../src/tensor/window-statistics.ts'
import type { Candidate } from '../../src/train/task.ts'
import { createRandom, normal } from './cough-model.ts'
import { createWindows } from './vibration-windows.ts'

const WIDTHS = [24, 64, 16, 64, 24]
const TRAINING_WINDOWS = 400

export interface VibrationModelOptions {
  readonly seed?: number
  /** `raw`: [N, 24, 4] in and out, one scaler value a channel. */
  readonly features?: 'statistics24' | 'raw'
  /** Whether the model comes with training errors; default true. */
  readonly seeded?: boolean
}

/** [N,24,1] → [N,24,1], or raw [N,24,4] → [N,24,4]. */
export function buildVibrationModel(options: VibrationModelOptions = {}): Candidate {
  const { seed = 7, features = 'statistics24', seeded = true } = options
  const raw = features === 'raw'
  const widths = raw ? [96, 64, 16, 64, 96] : WIDTHS
  const layers = createLayers(seed, widths)
  const shape = raw ? [24, 4] : [24, 1]
  const windows = Array.from({ length: TRAINING_WINDOWS }, createWindows({ seed }))
  const rows = windows.map((points) => (raw ? toRawRow(points) : windowFeatures(toWindow(points))))
  const scaler = fitScaler(rows, raw ? 4 : 24)
  const errors = rows.map((row) => reconstructionError(scale(row, scaler), layers))
  return {
    manifest: {
      inputs: [{ name: 'input', type: 'float32', shape: [null, ...shape] }],
      outputs: [{ name: 'output', type: 'float32', shape: [null, ...shape] }],
      maxBatch: 64,
      labels: null,
      decode: { features, scaler },
      answer: seeded ? { threshold_seed: errors } : {},
      golden: null,
      metrics: {},
      origin: { source: 'test', seed },
    },
    files: { model: { name: 'model.onnx', content: buildGraph(layers, widths, shape) } },
    card: '# Test model\n\nUntrained; for tests only.\n',
  }
}

interface Scaler {
  readonly mean: readonly number[]
  readonly scale: readonly number[]
  readonly [key: string]: readonly number[]
}

function createLayers(seed: number, widths: readonly number[]): readonly Tensor[] {
  const random = createRandom(seed)
  return widths.slice(1).map((to, i) => {
    const from = widths[i]!
    // Small weights keep the output near zero: the error is then about the size of the scaled input.
    return normal(random, [from, to], 0.6 / Math.sqrt(from))
  })
}

function buildGraph(
  layers: readonly Tensor[],
  widths: readonly number[],
  shape: readonly number[],
): Uint8Array {
  const graph = createGraph('vibration-test')
  let value = graph.input('input', 'float32', ['N', ...shape])
  value = graph.node('Flatten', [value])
  for (const [i, weights] of layers.entries()) {
    const bias: Tensor = {
      type: 'float32',
      dims: [widths[i + 1]!],
      data: new Float32Array(widths[i + 1]!),
    }
    const dense = graph.node('Gemm', [
      value,
      graph.initializer(`dense${i}.weight`, weights),
      graph.initializer(`dense${i}.bias`, bias),
    ])
    value = i < layers.length - 1 ? graph.node('Relu', [dense]) : dense
  }
  const data = BigInt64Array.from([-1, ...shape].map(BigInt))
  const target = graph.initializer('shape', { type: 'int64', dims: [data.length], data })
  graph.output(graph.node('Reshape', [value, target]), 'output', 'float32', ['N', ...shape])
  return writeModel(graph.build())
}

function toRawRow(points: readonly VibrationPoint[]): Float64Array {
  return Float64Array.from(
    points.flatMap((point) => [
      point.x_accelerometer_data,
      point.y_accelerometer_data,
      point.z_accelerometer_data,
      point.acceleration_accelerometer_data,
    ]),
  )
}

/** Mean and deviation by column, as a StandardScaler has them. */
function fitScaler(rows: readonly Float64Array[], columns: number): Scaler {
  const values = Array.from({ length: columns }, (_, column) =>
    rows.flatMap((row) => Array.from(row).filter((_value, i) => i % columns === column)),
  )
  const mean = values.map((column) => column.reduce((sum, value) => sum + value, 0) / column.length)
  const scales = values.map((column, i) =>
    Math.sqrt(column.reduce((sum, value) => sum + (value - mean[i]!) ** 2, 0) / column.length),
  )
  return { mean, scale: scales }
}

function scale(row: Float64Array, { mean, scale: scales }: Scaler): Float64Array {
  return row.map((value, i) => (value - mean[i % mean.length]!) / scales[i % mean.length]!)
}

function reconstructionError(input: Float64Array, layers: readonly Tensor[]): number {
  let values: Float64Array = input
  for (const [i, { dims, data }] of layers.entries()) {
    const [from, to] = dims as [number, number]
    const dense = new Float64Array(to)
    for (let row = 0; row < from; row++) {
      for (let column = 0; column < to; column++) {
        dense[column]! += values[row]! * (data as Float32Array)[row * to + column]!
      }
    }
    values = i < layers.length - 1 ? dense.map((value) => Math.max(value, 0)) : dense
  }
  return input.reduce((sum, value, i) => sum + Math.abs(value - values[i]!), 0) / input.length
}
