// `duga evaluate` and `duga export` as a person runs them, on a home of their own with the models that ship.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { createBatch } from './builders/vibration-windows.ts'

const run = promisify(execFile)
let folder = ''
let home = ''

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'duga-evaluate-'))
  home = join(folder, 'home')
})
after(() => rm(folder, { recursive: true }))

async function duga(...args: readonly string[]) {
  const { stdout } = await run(process.execPath, [
    'bin/duga.js',
    ...args,
    ...(args.includes('--home') ? [] : ['--home', home]),
    '--json',
  ])
  return JSON.parse(stdout.trim().split('\n').at(-1)!)
}

async function fails(...args: readonly string[]) {
  const error = await duga(...args).then(
    () => assert.fail('it did not fail'),
    (reason: { code: number; stderr: string }) => reason,
  )
  return { exit: error.code, ...JSON.parse(error.stderr.trim().split('\n').at(-1)!).error }
}

test('product: names, spellings of a category, a category that is not known, a name without words', async () => {
  const data = join(folder, 'names.csv')
  await writeFile(
    data,
    'item,kind\nsusu ultra coklat 250ml, SUSU \npulpen standard hitam,alat tulis\n' +
      'roket bulan,Wahana Antariksa\n...,Susu\n',
  )
  const columns = ['--name-column', 'item', '--category-column', 'kind']
  const result = await duga('evaluate', 'product', '--data', data, ...columns)
  assert.equal(result.version, 'v1.0.0')
  assert.equal(result.rows, 3)
  assert.equal(result.metrics.accuracy, 2 / 3)
  assert.deepEqual(Object.keys(result).sort(), ['metrics', 'report', 'rows', 'version'])
  const report = JSON.parse(await readFile(join(result.report, 'report.json'), 'utf8'))
  assert.deepEqual(report.metrics, result.metrics)
  const page = await readFile(join(result.report, 'index.html'), 'utf8')
  assert.match(page, /does not know the class/)
  assert.match(page, /no usable word/)
})

test('vibration: errors of both states against the version’s own threshold', async () => {
  const points = [0, 1].flatMap((state) =>
    Array.from({ length: 20 }, (_, seed) =>
      createBatch({ seed, shake: state === 0 ? 1 : 8 }).data.map((point) =>
        [state === 0 ? 'ok' : 'worn', ...Object.values(point)].join(','),
      ),
    ).flat(),
  )
  const data = join(folder, 'points.csv')
  await writeFile(data, `state,x,y,z,acceleration\n${points.join('\n')}\n`)
  const report = join(folder, 'report')
  const result = await duga('evaluate', 'vibration', '--data', data, '--report', report)
  assert.equal(result.rows, 40)
  assert.ok(result.metrics.roc_auc > 0.9, JSON.stringify(result.metrics))
  assert.equal(result.report, report)
  assert.ok((await readdir(report)).includes('index.html'))
})

test('cough and dog: folders of files, damaged ones left out, files of the examples judged', async () => {
  const sounds = join(folder, 'sounds', 'Cough ')
  await mkdir(sounds, { recursive: true })
  await copyFile('examples/cough.wav', join(sounds, 'one.wav'))
  await writeFile(join(sounds, 'broken.wav'), 'RIFF\0\0\0\0WAVEfmt broken')
  const cough = await duga('evaluate', 'cough', '--data', join(folder, 'sounds'))
  assert.equal(cough.rows, 1)
  const pictures = join(folder, 'pictures', 'n02099601-golden_retriever')
  await mkdir(pictures, { recursive: true })
  await copyFile('examples/dog.jpg', join(pictures, 'dog.jpg'))
  const dog = await duga('evaluate', 'dog', '--data', join(folder, 'pictures'))
  assert.equal(dog.rows, 1)
  assert.ok('accuracy' in dog.metrics)
})

test('what cannot be evaluated says why, and misuse ends with 2', async () => {
  const missing = await fails('evaluate', 'product', '--data', join(folder, 'absent.csv'))
  assert.deepEqual([missing.exit, missing.code], [1, 'training.unreadable'])
  const version = ['--version', 'v9.0.0', '--data', folder]
  assert.equal((await fails('evaluate', 'product', ...version)).code, 'version.unknown')
  const option = ['--data', folder, '--normal', 'ok']
  assert.equal((await fails('evaluate', 'product', ...option)).exit, 2)
  assert.equal((await fails('train', 'product', '--data', 'x', '--epochs', '3')).exit, 2)
  assert.equal((await fails('train', 'cough', '--data', 'x', '--epochs', 'three')).exit, 2)
})

test('an exported version serves in another home that takes it in', async () => {
  const to = join(folder, 'exported')
  const { version, files } = await duga('export', 'vibration', '--to', to)
  assert.equal(version, 'v1.0.0')
  for (const role of ['model', 'manifest', 'card', 'golden']) assert.ok(files[role].startsWith(to))
  const model = await readFile('models/vibration/model.onnx')
  assert.equal(Buffer.compare(await readFile(files.model), model), 0)
  const product = await duga('export', 'product', 'v1.0.0', '--to', join(folder, 'product'))
  const labels = JSON.parse(await readFile(product.files.labels, 'utf8'))
  const manifest = JSON.parse(await readFile(product.files.manifest, 'utf8'))
  assert.deepEqual(Object.values(labels), manifest.labels)
  assert.equal((await fails('export', 'product', 'v9.0.0', '--to', to)).code, 'version.unknown')

  const other = ['--home', join(folder, 'other')]
  const taken = await duga('import', 'vibration', to, '--promote', ...other)
  assert.deepEqual([taken.version, taken.promoted], ['v1.0.1', true])
  assert.ok(taken.parameters > 100)
  const again = await duga('export', 'vibration', '--to', join(folder, 'again'), ...other)
  const [here, there] = await Promise.all(
    [files.manifest, again.files.manifest].map(async (path) =>
      JSON.parse(await readFile(path, 'utf8')),
    ),
  )
  assert.deepEqual(there.files, here.files)
  assert.equal(there.origin.exported, 'v1.0.0')
  assert.equal((await fails('import', 'cough', to)).code, 'model.unfit')
  await writeFile(join(to, 'golden.safetensors'), 'not what was exported')
  assert.equal((await fails('import', 'vibration', to)).code, 'blob.corrupt')
  await rm(join(to, 'golden.safetensors'))
  assert.equal((await fails('import', 'vibration', to)).code, 'file.unreadable')
})
