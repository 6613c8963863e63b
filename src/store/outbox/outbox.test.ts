// The queue on disk: order, restarts, torn and damaged files, the limit; over real files.
import assert from 'node:assert/strict'
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { type Outbox, type OutboxOptions, openOutbox } from './outbox.ts'
import { encodeRecords, parseRecords } from './segment.ts'

let root = ''
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'duga-outbox-'))
})
after(() => rm(root, { recursive: true, force: true }))

let made = 0
const newFolder = (): string => join(root, String(made++))
const open = (folder: string, options: Partial<OutboxOptions> = {}): Promise<Outbox> =>
  openOutbox(folder, { maxBytes: 2 ** 24, ...options })
const texts = (records: readonly { payload: Uint8Array }[]): string[] =>
  records.map(({ payload }) => Buffer.from(payload).toString())

/** All that waits, taken out in batches. */
async function empty(outbox: Outbox, batch = 7): Promise<string[]> {
  const taken: string[] = []
  for (;;) {
    const records = await outbox.read(batch)
    if (records.length === 0) return taken
    taken.push(...texts(records))
    await outbox.advance(records.at(-1)!.end, records.length)
  }
}

const bytes = (text: string): Buffer => Buffer.from(text)
const row = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `record ${from + i}`)

test('what went in comes out in order, once, over restarts and appends at once', async () => {
  const folder = newFolder()
  const first = await open(folder)
  await Promise.all(row(0, 40).map((text) => first.append([bytes(text)])))
  assert.deepEqual(texts(await first.read(3)), row(0, 3))
  const records = await first.read(10)
  await first.advance(records.at(-1)!.end, records.length)
  assert.equal(first.state().records, 30)
  await first.close()

  const second = await open(folder)
  assert.equal(second.id, first.id)
  assert.equal(second.state().records, 30)
  await second.append(row(40, 50).map(bytes))
  const rest = await second.read(100)
  assert.ok(rest[0]!.end > records.at(-1)!.end)
  assert.deepEqual(await empty(second), row(10, 50))
  assert.deepEqual(
    { ...second.state(), left: await empty(second) },
    { records: 0, bytes: 0, dropped: 0, left: [] },
  )
  await second.close()
  const third = await open(folder)
  assert.deepEqual(await empty(third), [])
  await third.close()
})

test('places grow over restarts, also of an empty outbox', async () => {
  const folder = newFolder()
  let last = -1
  for (let i = 0; i < 4; i++) {
    const outbox = await open(folder)
    assert.deepEqual(await outbox.read(1), [])
    assert.equal(outbox.state().dropped, 0)
    await outbox.append([bytes('x')])
    const [record] = await outbox.read(1)
    assert.ok(record!.end > last)
    last = record!.end
    await outbox.advance(last, 1)
    await outbox.close()
  }
  assert.equal((await readdir(folder)).filter((name) => name.endsWith('.log')).length, 1)
})

test('a file that ends anywhere holds the records before the tear', async () => {
  const payloads = row(0, 20).map(bytes)
  const whole = encodeRecords(payloads)
  const ends = parseRecords(whole, 0).records.map(({ end }) => end)
  await fc.assert(
    fc.asyncProperty(
      fc.nat(whole.length),
      fc.constantFrom('', '\0\0\0\0\0\0\0\0\0\0', 'noise that is no record'),
      async (cut, tail) => {
        const folder = newFolder()
        await (await open(folder)).close()
        const [name] = (await readdir(folder)).filter((one) => one.endsWith('.log'))
        await writeFile(join(folder, name!), Buffer.concat([whole.subarray(0, cut), bytes(tail)]))
        const outbox = await open(folder)
        await outbox.append([bytes('new')])
        const intact = ends.filter((end) => end <= cut).length
        assert.deepEqual(await empty(outbox), [...row(0, intact), 'new'])
        await outbox.close()
      },
    ),
    { numRuns: 40, seed: 5 },
  )
})

test('past the limit the oldest go, counted and told', async () => {
  const folder = newFolder()
  let told = 0
  const outbox = await open(folder, {
    maxBytes: 2 ** 20,
    onDropped: (records) => (told += records),
  })
  const payload = Buffer.alloc(10_000, 1)
  for (let i = 0; i < 300; i++) {
    payload.writeUInt32LE(i)
    await outbox.append([Buffer.from(payload)])
  }
  const { records, bytes: waiting, dropped } = outbox.state()
  assert.ok(waiting <= 2 ** 20 && waiting > 2 ** 19, `${waiting} bytes`)
  assert.equal(records + dropped, 300)
  assert.equal(told, dropped)
  const left: number[] = []
  for (;;) {
    const batch = await outbox.read(10)
    if (batch.length === 0) break
    left.push(...batch.map(({ payload: one }) => Buffer.from(one).readUInt32LE()))
    await outbox.advance(batch.at(-1)!.end, batch.length)
  }
  assert.deepEqual(
    left,
    Array.from({ length: records }, (_, i) => dropped + i),
  )
  await outbox.close()
})

test('damage amid the files is told and costs what follows it in its file, no more', async () => {
  const folder = newFolder()
  const first = await open(folder)
  await first.append(row(0, 10).map(bytes))
  await first.close()
  const second = await open(folder)
  await second.append(row(10, 20).map(bytes))
  await second.close()
  const [oldest] = (await readdir(folder)).filter((name) => name.endsWith('.log')).sort()
  const content = await readFile(join(folder, oldest!))
  content[content.length >> 1]! ^= 1
  await writeFile(join(folder, oldest!), content)
  const faults: unknown[] = []
  const third = await open(folder, { onFault: (error) => faults.push(error) })
  assert.match(String(faults[0]), /damaged/)
  const left = await empty(third)
  assert.deepEqual(left.slice(-10), row(10, 20))
  assert.deepEqual(left.slice(0, -10), row(0, left.length - 10))
  await third.close()
})

test('a record damaged while the outbox is open is skipped', async () => {
  const folder = newFolder()
  const outbox = await open(folder)
  await outbox.append([bytes('first'), bytes('second')])
  const name = (await readdir(folder)).find((one) => one.endsWith('.log'))!
  const content = await readFile(join(folder, name))
  content[10]! ^= 1
  await writeFile(join(folder, name), content)
  assert.deepEqual(await empty(outbox), [])
  assert.ok(outbox.state().dropped > 0)
  await outbox.append([bytes('third')])
  assert.deepEqual(await empty(outbox), ['third'])
  await outbox.close()
})

test('a record that is empty or too long is refused, and a lost cursor only sends again', async () => {
  const folder = newFolder()
  const outbox = await open(folder)
  await assert.rejects(outbox.append([Buffer.alloc(0)]), RangeError)
  await assert.rejects(outbox.append([Buffer.alloc(70_000)]), RangeError)
  await outbox.append(row(0, 3).map(bytes))
  const [record] = await outbox.read(1)
  await outbox.advance(record!.end, 1)
  await outbox.close()
  await appendFile(join(folder, 'cursor'), 'x')
  const again = await open(folder)
  assert.deepEqual(await empty(again), row(0, 3))
  await again.close()
})
