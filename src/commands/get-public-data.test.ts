import assert from 'node:assert/strict'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { zipSync } from 'fflate'
import tar, { type Header } from 'tar-stream'
import { DugaError } from '../errors.ts'
import { PUBLIC_SETS, type PublicArchive, type PublicSet } from '../train/data/public-sets.ts'
import { type GetDataOptions, getPublicData } from './get-public-data.ts'

async function tarOf(
  entries: readonly (Partial<Header> & { readonly name: string } & { readonly content?: string })[],
) {
  const pack = tar.pack()
  for (const { content = '', ...header } of entries) pack.entry(header, content)
  pack.finalize()
  return await buffer(pack)
}

const zipOf = (files: Readonly<Record<string, string>>) =>
  Buffer.from(
    zipSync(Object.fromEntries(Object.entries(files).map(([k, v]) => [k, Buffer.from(v)]))),
  )

const file = (name: string) => ({ name, content: `content of ${name}` })

/** A file server, and a set whose archives it has. */
async function setUp(t: TestContext, bodies: Buffer[], change: Partial<PublicArchive> = {}) {
  const requests: (string | undefined)[] = []
  const server = createServer((request, response) => {
    requests.push(request.headers.range)
    const body = bodies[Number(request.url!.slice(1, 2))]!
    const start = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const range = `bytes ${start}-${body.length - 1}/${body.length}`
    response.writeHead(start > 0 ? 206 : 200, {
      etag: '"same"',
      'content-length': body.length - start,
      ...(start > 0 && { 'content-range': range }),
    })
    response.end(body.subarray(start))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const folder = mkdtempSync(join(tmpdir(), 'duga-public-'))
  t.after(() => {
    server.closeAllConnections()
    server.close()
    rmSync(folder, { recursive: true })
  })
  const { port } = server.address() as AddressInfo
  const set: PublicSet = {
    name: 'things',
    service: 'dog',
    title: 'things',
    homepage: 'http://127.0.0.1/',
    licence: 'none',
    terms: 'none',
    archives: bodies.map((_, index) => ({
      address: `http://127.0.0.1:${port}/${index}.tar`,
      sha256: null,
      bytes: null,
      place: (path) => /^Images\/(.+)$/.exec(path)?.[1] ?? null,
      mostFiles: 100,
      mostBytes: 10_000,
      ...change,
    })),
  }
  const to = join(folder, 'data', 'things')
  const get = (options: Partial<GetDataOptions> = {}) =>
    getPublicData(set, { to, downloads: join(folder, 'downloads'), ...options })
  return { set, to, get, requests, folder, bodies }
}

const failsWith =
  (code: string, message = /./) =>
  (error: unknown): boolean =>
    error instanceof DugaError && error.code === code && message.test(error.message)

test('tar, tar.gz and zip become class folders; the second time nothing is fetched', async (t) => {
  const plain = await tarOf([
    { name: 'Images/', type: 'directory' },
    file('Images/n01-a-b/1.jpg'),
    file('./Images/n02-c/2.jpg'),
    file('README'),
  ])
  const packed = zipOf({ 'Images/z/3.jpg': 'three', 'other/4.jpg': 'four' })
  const { get, to, requests, folder } = await setUp(t, [
    plain,
    gzipSync(await tarOf([file('Images/g/5.jpg')])),
    packed,
  ])
  const found = await get()
  assert.deepEqual([found.files, found.fetched], [4, true])
  assert.deepEqual(readdirSync(to).sort(), ['.duga-data.json', 'g', 'n01-a-b', 'n02-c', 'z'])
  assert.equal(readFileSync(join(to, 'n01-a-b/1.jpg'), 'utf8'), 'content of Images/n01-a-b/1.jpg')
  assert.equal(readFileSync(join(to, 'z/3.jpg'), 'utf8'), 'three')
  assert.deepEqual(
    readdirSync(join(folder, 'downloads')).filter((name) => !name.endsWith('.sha256')),
    [],
  )
  assert.deepEqual({ ...(await get()) }, { ...found, fetched: false })
  assert.equal(requests.length, 3)
})

test('a download that was cut goes on where it stopped', async (t) => {
  const { get, requests, set, folder, bodies } = await setUp(t, [await tarOf([file('Images/a/1')])])
  await get({ keepArchives: true })
  const downloads = join(folder, 'downloads')
  const archive = readdirSync(downloads).find((name) => name.endsWith('.tar'))!
  rmSync(join(downloads, archive))
  writeFileSync(join(downloads, `${archive}.part`), bodies[0]!.subarray(0, 700))
  writeFileSync(join(downloads, `${archive}.part.tag`), '"same"')
  await getPublicData(set, { to: join(folder, 'again'), downloads })
  assert.equal(requests.at(-1), 'bytes=700-')
})

test('archives that lead out, link, bomb or come twice leave nothing behind', async (t) => {
  const link = { name: 'Images/a/l', type: 'symlink', linkname: '/etc/passwd' } as const
  const hostile: readonly (readonly [string, Buffer])[] = [
    ['leads out', await tarOf([file('Images/a/1'), file('Images/../../evil')])],
    ['leads out', await tarOf([file('/etc/evil')])],
    ['leads out', await tarOf([file('Images\\..\\..\\evil')])],
    ['no ordinary file', await tarOf([link, file('Images/a/l/x')])],
    ['no ordinary file', await tarOf([{ ...link, type: 'link' }])],
    ['no ordinary file', await tarOf([{ name: 'Images/a/d', type: 'character-device' }])],
    ['comes twice', await tarOf([file('Images/a/1'), file('Images/a/1')])],
    [
      'more than 10000 bytes',
      gzipSync(await tarOf([{ name: 'Images/a/1', content: '0'.repeat(20_000) }])),
    ],
    [
      'more than 100 files',
      await tarOf(Array.from({ length: 101 }, (_, i) => file(`Images/a/${i}`))),
    ],
    ['none of the files', await tarOf([file('elsewhere/1')])],
    ['neither a tar', Buffer.from('<html>moved</html>')],
    ['.', zipOf({ '../evil': 'x' })],
    ['.', (await tarOf([file('Images/a/1'), file('Images/a/2')])).subarray(0, 1600)],
    ['.', zipOf({ 'Images/a/1': 'x'.repeat(50) }).subarray(0, 60)],
  ]
  for (const [reason, body] of hostile) {
    const { get, folder } = await setUp(t, [body])
    await assert.rejects(get(), failsWith('data.archive', new RegExp(reason)), reason)
    assert.deepEqual(readdirSync(join(folder, 'data')), [], reason)
    assert.ok(!existsSync(join(folder, 'evil')))
  }
})

test('a source that changes is noticed; a known hash is enforced', async (t) => {
  const { get, set, folder, bodies } = await setUp(t, [await tarOf([file('Images/a/1')])])
  await get()
  bodies[0] = await tarOf([file('Images/a/2')])
  const again = { to: join(folder, 'again') }
  await assert.rejects(get(again), failsWith('data.changed'))
  assert.equal((await get({ ...again, acceptChange: true })).files, 1)
  const archives = [{ ...set.archives[0]!, sha256: '0'.repeat(64) }]
  await assert.rejects(
    getPublicData(
      { ...set, archives },
      { to: join(folder, 'third'), downloads: join(folder, 'd2') },
    ),
    failsWith('download.mismatch'),
  )
})

test('what is there already is never touched', async (t) => {
  const { get, to } = await setUp(t, [await tarOf([file('Images/a/1')])])
  mkdirSync(to, { recursive: true })
  writeFileSync(join(to, 'mine'), 'x')
  await assert.rejects(get(), failsWith('data.exists'))
  rmSync(join(to, 'mine'))
  assert.equal((await get()).files, 1)
})

test('a cancel leaves nothing half unpacked', async (t) => {
  const { get, folder } = await setUp(t, [await tarOf([file('Images/a/1'), file('Images/a/2')])])
  const stop = new AbortController()
  const onProgress = (what: string) => {
    if (what === 'unpacking') stop.abort(new Error('cancelled'))
  }
  await assert.rejects(get({ signal: stop.signal, onProgress }), /cancelled|abort/i)
  assert.deepEqual(readdirSync(join(folder, 'data')), [])
  assert.equal((await get()).files, 2)
})

test("the catalog: true addresses, terms, and each archive's files where training wants them", () => {
  assert.equal(new Set(PUBLIC_SETS.map(({ name }) => name)).size, PUBLIC_SETS.length)
  const place = (name: string, path: string, index = 0) =>
    PUBLIC_SETS.find((set) => set.name === name)!.archives[index]!.place(path)
  const dog = 'n02085620-Chihuahua/n02085620_7.jpg'
  assert.equal(place('stanford-dogs', `Images/${dog}`), dog)
  const clip = 'ESC-50-master/audio/1-100032-A-0.wav'
  assert.equal(place('esc-50', clip), 'dog/1-100032-A-0.wav')
  assert.equal(place('cough', clip, 1), 'non-cough/dog-1-100032-A-0.wav')
  assert.equal(place('esc-10', 'ESC-50-master/audio/1-19111-A-24.wav'), null)
  assert.equal(place('esc-50', 'ESC-50-master/audio/1-19111-A-24.wav'), 'coughing/1-19111-A-24.wav')
  assert.equal(place('cough', 'dataset-HEAD/raw/00f16a68-4c90.mp3'), 'cough/00f16a68-4c90.mp3')
  assert.equal(
    place('sign-language-digits', 'Sign-Language-Digits-Dataset-master/Dataset/3/IMG_1.JPG'),
    '3/IMG_1.JPG',
  )
  assert.equal(place('accelerometer', 'accelerometer.csv'), 'accelerometer.csv')
  for (const { archives, licence, terms, homepage } of PUBLIC_SETS) {
    assert.ok(licence !== '' && terms !== '' && URL.canParse(homepage))
    for (const { address, sha256 } of archives) {
      assert.ok(URL.canParse(address) && (sha256 === null || /^[0-9a-f]{64}$/.test(sha256)))
    }
  }
})
