// The models that scripts/reference/keras made, and the comparison of what they answer with what Keras answered.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unzipSync } from 'fflate'
import { loadSession } from '../../src/engine/runtime.ts'
import { importFiles } from '../../src/importers/import-files.ts'
import type { Tensor, Tensors } from '../../src/tensor/tensor.ts'

const FIXTURES = new URL('../../src/importers/keras/fixtures/', import.meta.url)

interface Plain {
  readonly dims: readonly number[]
  readonly values: readonly number[]
}

interface Expected {
  readonly inputs: Readonly<Record<string, Plain>>
  readonly outputs: readonly Plain[]
}

export interface KerasCase {
  /** Such as `conv2d-same-2.h5`. */
  readonly file: string
  readonly bytes: Uint8Array
  readonly expected: Expected
}

export function readKerasCases(library: 'keras' | 'tf_keras'): readonly KerasCase[] {
  const archive = unzipSync(readFileSync(new URL(`${library}.zip`, FIXTURES)))
  return Object.keys(archive)
    .filter((file) => !file.endsWith('.json'))
    .map((file) => {
      const json = archive[`${file.slice(0, file.lastIndexOf('.'))}.json`]!
      const expected = JSON.parse(Buffer.from(json).toString()) as Expected
      return { file, bytes: archive[file]!, expected }
    })
}

/** Imports the model and runs it. @returns the largest difference, of max(1, |expected|) */
export async function compareWithKeras({ file, bytes, expected }: KerasCase): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'duga-keras-'))
  try {
    const path = join(folder, file)
    writeFileSync(path, bytes)
    const { models } = await importFiles([path])
    return await compareGraph(models[0]!.graph, expected)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

export async function compareGraph(graph: Uint8Array, expected: Expected): Promise<number> {
  const session = await loadSession(graph)
  try {
    const feeds: Record<string, Tensor> = {}
    for (const { name, type } of session.inputs) {
      assert.equal(type, 'float32')
      // Keras 3 names the tensors of an application otherwise than its input layer.
      const only = Object.values(expected.inputs)[0]!
      const { dims, values } = expected.inputs[name] ?? only
      feeds[name] = { type, dims, data: Float32Array.from(values) }
    }
    const outputs = await session.run(feeds)
    assert.equal(session.outputs.length, expected.outputs.length)
    const differences = session.outputs.map(({ name }, at) =>
      difference(outputs, name, expected.outputs[at]!),
    )
    return Math.max(...differences)
  } finally {
    await session.release()
  }
}

function difference(outputs: Tensors, name: string, { dims, values }: Plain): number {
  const { data, dims: actual } = outputs[name]!
  assert.deepEqual([...actual], dims)
  const each = values.map((value, at) => {
    const by = Math.abs(Number(data[at]) - value) / Math.max(1, Math.abs(value))
    return Number.isNaN(by) ? Number.POSITIVE_INFINITY : by
  })
  return Math.max(...each)
}
