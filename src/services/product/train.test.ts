import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Json } from '../../json.ts'
import type { Manifest } from '../../manifest.ts'
import { decodeRows } from '../../train/product/rows-file.ts'
import type { TrainContext, TrainResult } from '../../train/task.ts'
import { train } from './train.ts'

const MODEL = fileURLToPath(new URL('../../../models/product/', import.meta.url))
let folder = ''
let incumbent: NonNullable<TrainContext['incumbent']>

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'duga-train-'))
  const manifest = JSON.parse(await readFile(join(MODEL, 'manifest.json'), 'utf8')) as Manifest
  const paths = Object.entries(manifest.files).map(([role, { name }]) => [role, join(MODEL, name)])
  incumbent = { manifest, paths: Object.fromEntries(paths) }
})
after(() => rm(folder, { recursive: true }))

async function run(
  csv: string,
  parameters: { readonly [key: string]: Json } = {},
  changes: Partial<TrainContext> = {},
): Promise<TrainResult> {
  const data = join(folder, 'rows.csv')
  await writeFile(data, csv)
  return await train({
    ...{ version: 'v1.0.1', incumbent, signal: new AbortController().signal },
    checkpoints: await mkdtemp(join(folder, 'checkpoints-')),
    parameters: { data, seed: 1, ...parameters },
    progress: () => {},
    ...changes,
  })
}

/** Names of three kinds that a small model can tell apart. */
function toCsv(categoryOf: (kind: string, i: number) => string): string {
  const kinds = ['tas', 'mobil', 'gitar']
  const colours = ['merah', 'biru', 'hitam', 'putih', 'kuning', 'hijau', 'ungu', 'coklat']
  const lines = kinds.flatMap((kind) =>
    Array.from(
      { length: 24 },
      (_, i) => `${kind} ${colours[i % 8]} tipe${'abc'[i % 3]}x,${categoryOf(kind, i)}`,
    ),
  )
  return `name,category\n${lines.join('\n')}\n`
}

test('rows are added to those of the version that serves, and the candidate is not worse', async () => {
  const stages: string[] = []
  const { candidate, gate, notices } = await run(
    'product_name,category\ngitar akustik yamaha,Alat Musik\ngitar listrik ibanez,Alat Musik\n' +
      'biola 4/4,Alat Musik\npiano digital,Alat Musik\nsusu ultra durian 200ml,susu\n',
    {},
    { progress: (fraction, message) => stages.push(`${fraction} ${message}`) },
  )
  assert.equal(gate.passed, true, gate.reason)
  assert.ok(candidate.manifest.labels!.includes('Alat Musik'))
  assert.ok(candidate.manifest.metrics.accuracy! > 0.85)
  assert.deepEqual(stages, ['0 reading', '0.2 training', '0.8 judging', '1 done'])
  assert.ok(notices.includes('"susu" was read as "Susu".'), notices.join())
  const rows = decodeRows(candidate.files.rows!.content)
  assert.ok(rows.length > 6000)
  assert.match(candidate.card, /# Product categories v1\.0\.1/)
})

test('the same data and seed give the same bytes', async () => {
  const csv = toCsv((kind) => kind)
  const first = await run(csv, { replace: true })
  const second = await run(csv, { replace: true })
  assert.deepEqual(first, second)
  assert.deepEqual(first.candidate.manifest.labels, ['gitar', 'mobil', 'tas'])
})

test('data whose labels are wrong is rejected, added or alone', async () => {
  const rows = decodeRows(await readFile(incumbent.paths.rows!))
  const wrong = rows
    .filter(({ split }) => split === 'train')
    .map(({ name }, i) => `"${name.replaceAll('"', '""')}",${incumbent.manifest.labels![i % 24]}`)
  const csv = `name,category\n${wrong.slice(0, 3000).join('\n')}\n`
  const alone = await run(csv, { replace: true })
  assert.equal(alone.gate.passed, false)
  assert.match(alone.gate.reason, /^Worse than the version that serves: /)
})

test('without an incumbent the data stands alone; a cancelled job stops', async () => {
  const { gate } = await run(
    toCsv((kind) => kind),
    {},
    { incumbent: null },
  )
  assert.equal(gate.passed, true)
  await assert.rejects(
    run(
      toCsv((kind) => kind),
      {},
      { signal: AbortSignal.abort() },
    ),
    {
      name: 'AbortError',
    },
  )
  await assert.rejects(
    run(
      toCsv(() => 'tas'),
      {},
      { incumbent: null },
    ),
    {
      code: 'training.one-class',
    },
  )
})
