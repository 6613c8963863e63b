// Folders of pictures, good and bad, through the real detector.
import assert from 'node:assert/strict'
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { bundledFace } from '../../../test/builders/bundled-face.ts'
import { makeFaceFolder, makePersons } from '../../../test/builders/face-pictures.ts'
import { loadSession } from '../../engine/runtime.ts'
import type { VersionFiles } from '../../manifest.ts'
import type { Tensors } from '../../tensor/tensor.ts'
import { toFaceAnswer } from './answer.ts'
import { decode } from './decode.ts'
import { type ReadFaces, readFaces } from './read-faces.ts'
import { scoreCrops } from './score-crops.ts'

let folder = ''
let data = ''
let incumbent: VersionFiles

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'duga-faces-'))
  data = join(folder, 'data')
  incumbent = await bundledFace()
  await makeFaceFolder(data, await makePersons(6), { takes: 2, side: [150, 200] })
})
after(() => rm(folder, { recursive: true }))

function read(source: string, signal = new AbortController().signal): Promise<ReadFaces> {
  const crops = join(folder, 'crops')
  return readFaces(source, { incumbent, threads: 2, folder: crops, signal, onProgress: () => {} })
}

test('what cannot be used is named, and the rest is read', async () => {
  const mixed = join(folder, 'mixed')
  await cp(data, mixed, { recursive: true })
  await rename(join(mixed, 'real'), join(mixed, 'Real '))
  const whole = await readFile(join(data, 'real', 'p0_0.jpg'))
  await writeFile(join(mixed, 'fake', 'cut.jpg'), whole.subarray(0, 2000))
  await writeFile(join(mixed, 'fake', 'notes.txt'), 'no picture')
  const faceless = new URL('fixtures/none.jpg', import.meta.url)
  await cp(faceless, join(mixed, 'fake', 'landscape.jpg'))
  await mkdir(join(mixed, 'unsure'))
  await cp(join(data, 'real', 'p0_0.jpg'), join(mixed, 'unsure', 'p0_0.jpg'))
  const { pictures, crops, skipped, notices } = await read(mixed)
  assert.equal(pictures.length, 24 - skipped.filter(({ file }) => /\/p\d/.test(file)).length + 1)
  assert.deepEqual(
    crops.map(({ id, label, group }) => ({ id, label, group })),
    pictures.map(({ id, label, group }) => ({ id, label, group })),
  )
  assert.deepEqual([...new Set(pictures.map(({ label }) => label))], ['real', 'fake'])
  const reasonOf = (file: string) => skipped.find((one) => one.file === file)?.reason
  assert.match(reasonOf('fake/cut.jpg')!, /damaged or cut short/)
  assert.match(reasonOf('fake/notes.txt')!, /not a picture/)
  assert.equal(reasonOf('fake/landscape.jpg'), 'No face was found')
  assert.equal(reasonOf('unsure/p0_0.jpg'), 'it lies in neither real/ nor fake/')
  assert.ok(
    notices.includes('6 persons or sources were told apart by the names of folders and files.'),
  )
})

test('a version answers to the crops as it does to the pictures', async () => {
  const { pictures, crops } = await read(data)
  const signal = new AbortController().signal
  const { manifest, paths } = incumbent
  const scored = await scoreCrops(paths.model!, crops, { manifest, threads: 1, signal })
  const [model, detector] = [await loadSession(paths.model!), await loadSession(paths.detector!)]
  for (const [i, { path, id }] of pictures.entries()) {
    const context = {
      manifest,
      run: (_: string, feeds: Tensors) => detector.run(feeds),
      file: async () => new Uint8Array(),
    }
    const { feeds, extra } = await decode(await readFile(path), context)
    const served = toFaceAnswer(await model.run(feeds), { manifest, extra })
    const { answer } = scored[i]!
    assert.equal(scored[i]!.row.id, id)
    assert.ok(Math.abs(answer.prob_fake - served.prob_fake) < 1e-5, `${id}: ${answer.prob_fake}`)
    assert.equal(answer.prediction, served.prediction)
  }
  await Promise.all([model.release(), detector.release()])
})

test('too little to learn from is an error that says what is missing', async () => {
  const real = join(folder, 'only')
  await cp(join(data, 'real'), join(real, 'real'), { recursive: true })
  await mkdir(join(real, 'fake'))
  await assert.rejects(read(real), { code: 'training.one-class', message: /real/ })
  const few = join(folder, 'few')
  await cp(data, few, { recursive: true })
  for (let i = 0; i < 4; i++) await rm(join(few, 'fake', `p${i}_0.jpg`))
  await assert.rejects(read(few), {
    code: 'training.too-few-rows',
    message: /fake has 8 usable rows; at least 10/,
  })
  const strange = join(folder, 'strange')
  await cp(join(data, 'real'), join(strange, 'a'), { recursive: true })
  await cp(join(data, 'fake'), join(strange, 'b'), { recursive: true })
  await assert.rejects(read(strange), { code: 'training.no-files' })
  await assert.rejects(read(join(folder, 'absent')), { code: 'training.unreadable' })
})

test('faces that are not found count as missing', async () => {
  const faceless = join(folder, 'faceless')
  await cp(join(data, 'real'), join(faceless, 'real'), { recursive: true })
  await mkdir(join(faceless, 'fake'))
  for (let i = 0; i < 12; i++) {
    await cp(new URL('fixtures/none.jpg', import.meta.url), join(faceless, 'fake', `${i}.jpg`))
  }
  await assert.rejects(read(faceless), { code: 'training.one-class' })
})

test('a cancelled reading ends', async () => {
  const ending = new AbortController()
  ending.abort()
  await assert.rejects(read(data, ending.signal), { name: 'AbortError' })
})
