// What a user reads when a model does not fit, and what is kept of one that does.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { loadConfig } from '../config.ts'
import type { DugaError } from '../errors.ts'
import type { Json } from '../json.ts'
import type { AddVersion } from '../registry/add-version.ts'
import type { Registry } from '../registry/registry.ts'
import { createServices } from '../services/index.ts'
import type { VersionRow } from '../store/versions.ts'
import { decodeSafetensors } from '../tensor/safetensors.ts'
import { importVersion } from './import-version.ts'

const FIXTURES = fileURLToPath(new URL('../../test/fixtures/', import.meta.url))
const modules = createServices(loadConfig({}))
const folder = mkdtempSync(join(tmpdir(), 'duga-import-version-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const fixture = (name: string): string => join(FIXTURES, name)

function write(name: string, bytes: string | Uint8Array): string {
  writeFileSync(join(folder, name), bytes)
  return join(folder, name)
}

const half = (name: string): Uint8Array => {
  const bytes = readFileSync(fixture(name))
  return bytes.subarray(0, bytes.length / 2)
}

async function take(
  service: string,
  files: readonly string[],
  settings: Readonly<Record<string, Json>> = {},
): Promise<AddVersion> {
  const { adopter } = modules.find(({ definition }) => definition.name === service)!
  let added: AddVersion | null = null
  const registry: Pick<Registry, 'addVersion' | 'activeVersion'> = {
    activeVersion: async () => null,
    addVersion: async (_service, version) => {
      added = version
      return { version: 'v1.0.0' } as VersionRow
    },
  }
  await importVersion(registry, { service, adopter }, files, { settings })
  return added!
}

const cough = fixture('import/cough_classifier_model.h5')
const autoencoder = fixture('import/autoencoder.h5')
const five = fixture('import/class_indices.json')

const CASES: readonly {
  readonly what: string
  readonly take: () => Promise<unknown>
  readonly code: DugaError['code']
  readonly says: RegExp
}[] = [
  {
    what: 'a scaler of other features',
    take: () => take('vibration', [autoencoder], { scaler: { mean: [1, 2], scale: [1, 1] } }),
    ...{ code: 'model.unfit', says: /of 24 features, not of 2/ },
  },
  {
    what: 'a network of another service',
    take: () => take('cough', [autoencoder]),
    ...{ code: 'model.unfit', says: /it takes \[any, 24, 1\], not one spectrogram/ },
  },
  {
    what: 'another number of class names',
    take: () => take('cough', [cough, five]),
    ...{ code: 'model.unfit', says: /it has 3 classes, and 5 names are given/ },
  },
  {
    what: 'a setting that cannot be',
    take: () => take('cough', [cough], { nFft: 1000 }),
    ...{ code: 'model.unfit', says: /decode\.nFft must be a power of two/ },
  },
  {
    what: 'a file that is not there',
    take: () => take('cough', [join(folder, 'absent.h5')]),
    ...{ code: 'file.unreadable', says: /absent\.h5 cannot be read: it is not there/ },
  },
  {
    what: 'an empty file',
    take: () => take('cough', [write('empty.h5', '')]),
    ...{ code: 'file.unreadable', says: /empty\.h5 cannot be read: it is empty/ },
  },
  {
    what: 'one truncated file of several',
    take: () =>
      take('vibration', [autoencoder, write('cut.joblib', half('drop-in/scaler.joblib'))]),
    ...{ code: 'model.unreadable', says: /ends at byte \d+.* \(cut\.joblib\)/ },
  },
  {
    what: 'a picture',
    take: () => take('dog', [fixture('import/picture.png')]),
    ...{ code: 'model.unknown-format', says: /picture\.png is of no known format/ },
  },
]

for (const { what, take, code, says } of CASES) {
  test(`says what is wrong: ${what}`, async () => {
    await assert.rejects(take(), (error: DugaError) => {
      assert.equal(error.code, code, error.message)
      assert.match(error.message, says)
      assert.ok(error.help.length > 20)
      return true
    })
  })
}

test('without an expected output the golden is what the import itself answers', async () => {
  const { manifest, files } = await take('face', [fixture('drop-in/liveness.onnx')])
  assert.deepEqual(manifest.golden?.file, 'golden')
  const golden = files.golden as { readonly bytes: Uint8Array }
  const { 'input.input': input, 'output.logits': output } = decodeSafetensors(golden.bytes)
  assert.deepEqual(input?.dims, [1, 3, 128, 128])
  assert.ok(Array.from(output!.data, Number).every(Number.isFinite))
})
