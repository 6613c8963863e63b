// The models with lookups that scripts/reference/keras/make_lookups.py made, and the comparison with what Keras answered.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unzipSync } from 'fflate'
import { loadSession } from '../../src/engine/runtime.ts'
import { type ImportedModel, importFiles } from '../../src/importers/import-files.ts'
import type { Tensor } from '../../src/tensor/tensor.ts'

interface Plain {
  readonly dims: readonly number[]
  readonly values: readonly (number | string)[]
}

const FIXTURES = new URL('../../src/importers/keras/fixtures/lookups.zip', import.meta.url)
const archive = unzipSync(readFileSync(FIXTURES))

export async function readLookup(file: string): Promise<ImportedModel> {
  const folder = mkdtempSync(join(tmpdir(), 'duga-lookups-'))
  try {
    const path = join(folder, file)
    writeFileSync(path, archive[file]!)
    const { models } = await importFiles([path])
    return models[0]!
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function run({ graph }: ImportedModel, { dims, values }: Plain): Promise<Tensor> {
  const session = await loadSession(graph)
  try {
    const { name, type } = session.inputs[0]!
    const data =
      type === 'int64'
        ? BigInt64Array.from(values as number[], BigInt)
        : Float32Array.from(values as number[])
    const outputs = await session.run({ [name]: { type, dims, data } as Tensor })
    return Object.values(outputs)[0]!
  } finally {
    await session.release()
  }
}

export const lookupFiles = (pattern: RegExp): readonly string[] =>
  Object.keys(archive).filter((file) => pattern.test(file) && !file.endsWith('.json'))

function expectedOf(file: string): { readonly input: Plain; readonly output: Plain } {
  const name = `${file.slice(0, file.lastIndexOf('.'))}.json`
  return JSON.parse(Buffer.from(archive[name]!).toString())
}

/** @throws AssertionError where a number is not looked up as Keras does */
export async function compareNumbers(file: string): Promise<void> {
  const { input, output } = expectedOf(file)
  const answer = await run(await readLookup(file), input)
  assert.deepEqual(answer.dims, output.dims, file)
  output.values.forEach((value, index) => {
    assert.ok(Math.abs(Number(answer.data[index]) - Number(value)) < 1e-5, file)
  })
}

/** @throws AssertionError where the likeliest class has another name than Keras answers */
export async function compareNames(file: string): Promise<void> {
  const model = await readLookup(file)
  const { input, output } = expectedOf(file)
  const scores = await run(model, input)
  const classes = scores.dims[1]!
  assert.equal(classes, 3, file)
  const names = output.values.map((_, row) => {
    const line = Array.from(scores.data.slice(row * classes, (row + 1) * classes), Number)
    return model.labels![line.indexOf(Math.max(...line))]
  })
  assert.deepEqual(names, output.values.map(String), file)
  assert.match(model.notices.join(), /are the class names; the model answers with the scores/)
}
