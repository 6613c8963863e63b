// Tiny models with exact arithmetic, and versions of them on disk, for tests of the engine. Weights are small whole
// numbers, so that a batch and its rows alone give the same bits.
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { defineService, type ServiceDefinition } from '../../src/engine/service.ts'
import type { Manifest, TensorSpec, VersionFiles } from '../../src/manifest.ts'
import { createGraph } from '../../src/onnx/graph.ts'
import { writeModel } from '../../src/onnx/model.ts'
import { encodeSafetensors } from '../../src/tensor/safetensors.ts'
import type { Tensor, Tensors } from '../../src/tensor/tensor.ts'

/** What the test decoder takes; see `test-decoder.ts`. */
export interface TestInput {
  readonly values: readonly number[]
  readonly rows?: number
  readonly misbehave?: 'throw' | 'invalid' | 'hang' | 'memory' | 'exit' | 'uncloneable'
  /** Counts decodes and runs that reached a lane. */
  readonly counter?: SharedArrayBuffer
  /** The decode waits until this is 1. */
  readonly gate?: SharedArrayBuffer
}

export interface VersionOptions {
  readonly service?: string
  readonly version?: string
  /** y = factor × sum(x) + row-wise offset. */
  readonly factor?: number
  readonly maxBatch?: number
  readonly model?: Uint8Array
  readonly golden?: { readonly factor: number; readonly tolerance: number }
  readonly inputs?: readonly TensorSpec[]
  readonly extraFiles?: Readonly<
    Record<string, { readonly name: string; readonly bytes: Uint8Array }>
  >
}

/** x [N, T] → y [N, 2] = [factor × Σ x, x₀]. T is free: rows of different widths cannot share a batch. */
export function buildSumModel(factor: number): Uint8Array {
  const graph = createGraph('sum')
  const x = graph.input('x', 'float32', ['N', 'T'])
  const axes = graph.initializer('axes', int64([1]))
  const sum = graph.node('ReduceSum', [x, axes], { keepdims: 1 })
  const scale = graph.initializer('scale', floats([1], [factor]))
  const scaled = graph.node('Mul', [sum, scale])
  const first = graph.node('Gather', [x, graph.initializer('zero', int64([0]))], { axis: 1 })
  graph.output(graph.node('Concat', [scaled, first], { axis: 1 }), 'y', 'float32', ['N', 2])
  return writeModel(graph.build())
}

/** x [N, 1] of indices → a row of a table of three; an index outside makes the whole run fail. */
export function buildPickModel(): Uint8Array {
  const graph = createGraph('pick')
  const x = graph.input('x', 'float32', ['N', 1])
  const table = graph.initializer('table', floats([3], [10, 20, 30]))
  const index = graph.node('Cast', [x], { to: 7 })
  graph.output(graph.node('Gather', [table, index]), 'y', 'float32', ['N', 1])
  return writeModel(graph.build())
}

/** Writes a version into a folder that goes with the test. */
export async function createVersion(
  t: TestContext,
  options: VersionOptions = {},
): Promise<VersionFiles> {
  const folder = await mkdtemp(join(tmpdir(), 'duga-engine-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return await writeVersion(folder, options)
}

export async function writeVersion(
  folder: string,
  {
    service = 'sum',
    version = 'v1.0.0',
    factor = 2,
    maxBatch = 8,
    model = buildSumModel(factor),
    golden,
    inputs = [{ name: 'x', type: 'float32', shape: [null, null] }],
    extraFiles = {},
  }: VersionOptions = {},
): Promise<VersionFiles> {
  const contents: Record<string, { readonly name: string; readonly bytes: Uint8Array }> = {
    model: { name: 'model.onnx', bytes: model },
    ...extraFiles,
  }
  if (golden !== undefined) {
    const bytes = encodeSafetensors({
      'input.x': floats([2, 3], [1, 2, 3, 4, 5, 6]),
      'output.y': floats([2, 2], [6 * golden.factor, 1, 15 * golden.factor, 4]),
    })
    contents.golden = { name: 'golden.safetensors', bytes }
  }
  const files: Record<string, { name: string; sha256: string; bytes: number }> = {}
  const paths: Record<string, string> = {}
  for (const [role, { name, bytes }] of Object.entries(contents)) {
    paths[role] = join(folder, `${version}-${name}`)
    await writeFile(paths[role], bytes)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    files[role] = { name, sha256, bytes: bytes.length }
  }
  const manifest: Manifest = {
    format: 1,
    service,
    version,
    created: '2026-01-01T00:00:00.000Z',
    parent: null,
    files,
    inputs,
    outputs: [{ name: 'y', type: 'float32', shape: [null, 2] }],
    maxBatch,
    labels: null,
    decode: { factor },
    answer: {},
    golden: golden === undefined ? null : { file: 'golden', tolerance: golden.tolerance },
    metrics: {},
    origin: {},
  }
  return { manifest, paths }
}

export interface TestAnswer {
  readonly version: string
  readonly y: readonly number[]
  readonly extra: unknown
}

/** A service over the test decoder. */
export function createTestService(
  name = 'sum',
  { execution = 'lane', input = 'json' }: Partial<Pick<Definition, 'execution' | 'input'>> = {},
): Definition {
  return defineService<TestInput, TestAnswer>({
    name,
    title: name,
    port: 1,
    input,
    execution,
    decoder: new URL('./test-decoder.ts', import.meta.url),
    answer: ({ y }, { manifest, extra }) => {
      return { version: manifest.version, y: [...(y!.data as Float32Array)], extra }
    },
    label: () => null,
    confidence: () => null,
    fromArgument: (argument) => ({ values: argument.split(',').map(Number) }),
  })
}

type Definition = ServiceDefinition<TestInput, TestAnswer>

export function floats(dims: readonly number[], values: readonly number[]): Tensor {
  return { type: 'float32', dims, data: Float32Array.from(values) }
}

export function toFeeds(values: readonly number[], rows = 1): Tensors {
  return { x: floats([rows, values.length / rows], values) }
}

function int64(values: readonly number[]): Tensor {
  return { type: 'int64', dims: [values.length], data: BigInt64Array.from(values.map(BigInt)) }
}
