import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { DugaError } from '../../errors.ts'
import { readFrozen } from './read-frozen.ts'
import { readMediaFolder } from './read-media-folder.ts'

/** The least that the sniffer takes for a BMP; `n` makes contents differ. */
function picture(n: number): Buffer {
  const bytes = Buffer.alloc(40)
  bytes.write('BM')
  bytes[14] = 40
  bytes.writeUInt32LE(n, 30)
  return bytes
}

function makeFolder(t: TestContext, files: Readonly<Record<string, Uint8Array | string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'duga-data-'))
  t.after(() => rmSync(folder, { recursive: true }))
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  return folder
}

function pictures(...names: string[]): Record<string, Buffer> {
  return Object.fromEntries(names.map((name, n) => [name, picture(n)]))
}

const failsWith =
  (code: string, message: RegExp = /./) =>
  (error: unknown): boolean =>
    error instanceof DugaError && error.code === code && message.test(error.message)

test('labels are folder names; Stanford names lose their number, others keep their hyphens', async (t) => {
  const names = ['n02085620-Chihuahua', 'n02113799-toy-poodle', 'non-cough']
  const files = names.flatMap((name) => [1, 2, 3].map((n) => `${name}/${n}.jpg`))
  const set = await readMediaFolder(makeFolder(t, pictures(...files)), { kind: 'picture' })
  assert.deepEqual(set.classes, ['Chihuahua', 'non-cough', 'toy-poodle'])
  assert.deepEqual(
    set.rows.map(({ id }) => id),
    files,
  )
  assert.ok(set.rows.every(({ contentHash, bytes }) => contentHash.length === 64 && bytes === 40))
  assert.deepEqual(set.skipped, [])
})

test('what is no picture is listed and left out; format is by content, not by name', async (t) => {
  const folder = makeFolder(t, {
    ...pictures('a/1.txt', 'a/deep/er/2', 'a/3.JPEG', 'b/1.bmp', 'b/2.bmp', 'b/3.bmp', 'loose.bmp'),
    'a/notes.jpg': 'these are words',
    'b/empty.png': '',
    'b/.hidden.bmp': picture(99),
    '.git/config.bmp': picture(98),
    'a/Thumbs.db': 'x',
  })
  const set = await readMediaFolder(folder, { kind: 'picture' })
  assert.equal(set.rows.length, 6)
  assert.deepEqual(set.skipped, [
    { file: 'a/notes.jpg', reason: 'it is not a picture' },
    { file: 'b/empty.png', reason: 'the file is empty' },
    { file: 'loose.bmp', reason: 'it lies in no class folder' },
  ])
})

test('links: inside they are followed, in a circle or out of the folder they are not', async (t) => {
  const outside = makeFolder(t, pictures('secret.bmp'))
  const folder = makeFolder(t, pictures('a/1', 'a/2', 'a/3', 'b/1', 'b/2', 'b/3'))
  symlinkSync('..', join(folder, 'a', 'up'))
  symlinkSync('self', join(folder, 'a', 'self'))
  symlinkSync('nowhere', join(folder, 'b', 'broken'))
  symlinkSync(join(outside, 'secret.bmp'), join(folder, 'b', 'out'))
  symlinkSync('../a/1', join(folder, 'b', 'twin'))
  const set = await readMediaFolder(folder, { kind: 'picture' })
  assert.deepEqual(
    set.rows.map(({ id }) => id),
    ['a/1', 'a/2', 'a/3', 'b/1', 'b/2', 'b/3', 'b/twin'],
  )
  assert.deepEqual(set.skipped, [
    { file: 'a/self', reason: 'its links lead in a circle' },
    { file: 'a/up', reason: 'the link leads back to a folder above' },
    { file: 'b/broken', reason: 'it is not there' },
    { file: 'b/out', reason: 'the link leads out of the folder' },
  ])
  const anywhere = await readMediaFolder(folder, { kind: 'picture', within: null })
  assert.equal(anywhere.rows.length, 8)
})

test('spellings of one label are merged, known ones win, and it is said so', async (t) => {
  const folder = makeFolder(
    t,
    pictures('Beagle/1', 'beagle /2', 'beagle /3', 'Pug/1', 'Pug/2', 'Pug/3'),
  )
  const set = await readMediaFolder(folder, { kind: 'picture' })
  assert.deepEqual(set.classes, ['Pug', 'beagle'])
  assert.deepEqual(set.notices, ['"Beagle", "beagle " was read as "beagle".'])
  const known = await readMediaFolder(folder, { kind: 'picture', known: ['BEAGLE'] })
  assert.deepEqual(known.classes, ['BEAGLE', 'Pug'])
})

test('too little is refused with what is needed', async (t) => {
  const read = (files: Record<string, Buffer | string>) =>
    readMediaFolder(makeFolder(t, files), { kind: 'picture' })
  await assert.rejects(read({}), failsWith('training.no-files', /no pictures/))
  await assert.rejects(read({ 'a/x': 'no' }), failsWith('training.no-files'))
  await assert.rejects(read(pictures('a/1', 'a/2', 'a/3')), failsWith('training.one-class', / a$/))
  await assert.rejects(
    read(pictures('a/1', 'a/2', 'a/3', 'b/1')),
    failsWith('training.too-few-rows', /b has 1 .* at least 3/),
  )
  await assert.rejects(
    readMediaFolder('/no/such/folder', { kind: 'picture' }),
    failsWith('training.unreadable', /not there/),
  )
})

test('a single folder that holds the classes is stepped into', async (t) => {
  const files = ['a', 'b'].flatMap((name) => [1, 2, 3].map((n) => `Images/${name}/${n}`))
  const set = await readMediaFolder(
    makeFolder(t, { ...pictures(...files), 'Images/README.txt': '' }),
    {
      kind: 'picture',
    },
  )
  assert.deepEqual(set.classes, ['a', 'b'])
  assert.match(set.notices[0]!, /"Images"/)
})

test('groups come from names; a cancelled reading stops', async (t) => {
  const folder = makeFolder(t, pictures('a/p1-1', 'a/p1-2', 'a/p2-1', 'b/p3-1', 'b/p3-2', 'b/p4-1'))
  const groupOf = (id: string) => /p\d/.exec(id)![0]
  const set = await readMediaFolder(folder, { kind: 'picture', groupOf })
  assert.deepEqual(new Set(set.rows.map(({ group }) => group)).size, 4)
  const signal = AbortSignal.abort(new Error('cancelled'))
  await assert.rejects(readMediaFolder(folder, { kind: 'picture', signal }), /cancelled/)
})

test('a file that changes or goes during the job is noticed when it is read', async (t) => {
  const folder = makeFolder(t, pictures('a/1', 'a/2', 'a/3', 'b/1', 'b/2', 'b/3'))
  const { rows } = await readMediaFolder(folder, { kind: 'picture' })
  assert.deepEqual(await readFrozen(rows[0]!), picture(0))
  writeFileSync(rows[1]!.path, picture(77))
  rmSync(rows[2]!.path)
  await assert.rejects(readFrozen(rows[1]!), failsWith('training.file-changed', /has changed/))
  await assert.rejects(readFrozen(rows[2]!), failsWith('training.file-changed', /not there/))
})

test('a file without permission is left out', async (t) => {
  const folder = makeFolder(t, pictures('a/1', 'a/2', 'a/3', 'a/4', 'b/1', 'b/2', 'b/3'))
  chmodSync(join(folder, 'a/4'), 0)
  // The superuser may read everything, so the folder is read as nobody.
  const superuser = process.getuid?.() === 0
  chmodSync(folder, 0o755)
  if (superuser) process.seteuid?.(65_534)
  try {
    const set = await readMediaFolder(folder, { kind: 'picture' })
    assert.deepEqual(set.skipped, [{ file: 'a/4', reason: 'it may not be read' }])
  } finally {
    if (superuser) process.seteuid?.(0)
  }
})

test('the hand signs and the coughs are read whole', async (t) => {
  const data = new URL('../../../../shared/data/', import.meta.url).pathname
  const set = await readMediaFolder(join(data, 'digits'), { kind: 'picture' }).catch(() => null)
  if (set === null) return t.skip('shared data not present')
  assert.deepEqual([set.rows.length, set.classes.length, set.skipped.length], [1646, 10, 0])
  const coughs = await readMediaFolder(join(data, 'cough'), { kind: 'audio' })
  assert.equal(coughs.rows.length + coughs.skipped.length, 1482)
  assert.deepEqual(coughs.classes, ['cough', 'non-cough'])
})
