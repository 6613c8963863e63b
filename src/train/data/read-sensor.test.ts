import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { DugaError } from '../../errors.ts'
import { readSensorWindows, type SensorOptions, type SensorWindow } from './read-sensor.ts'
import { readTable } from './read-table.ts'

function makeFile(t: TestContext, name: string, content: string | Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'duga-sensor-'))
  t.after(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of source) items.push(item)
  return items
}

async function windowsOf(path: string, options: SensorOptions): Promise<SensorWindow[]> {
  return await collect(readSensorWindows(path, options))
}

const xsOf = ({ values }: SensorWindow) => Array.from(values).filter((_, i) => i % 4 === 0)

function table(header: string, rows: readonly (readonly (string | number)[])[]): string {
  return [header, ...rows.map((row) => row.join(','))].join('\n')
}

test('windows of each stream apart, acceleration made where it is not there', async (t) => {
  const rows = [1, 2, 3, 4, 5].flatMap((n) => [
    ['a', n, 2, 2],
    ['b', n * 10, 0, 0],
  ])
  const path = makeFile(t, 'f.csv', table('Device_ID, X ,y,z', rows))
  const found = await windowsOf(path, { window: 2 })
  assert.deepEqual(
    found.map((window) => [window.device, ...xsOf(window)]),
    [
      ['a', 1, 2],
      ['b', 10, 20],
      ['a', 3, 4],
      ['b', 30, 40],
    ],
  )
  assert.deepEqual([...found[0]!.values], [1, 2, 2, 3, 2, 2, 2, Math.hypot(2, 2, 2)])
  assert.equal(new Set(found.map(({ id }) => id)).size, 4)
  assert.equal(new Set(found.map(({ group }) => group)).size, 2)
  assert.equal(new Set(found.map(({ contentHash }) => contentHash)).size, 4)
})

test('hops shorter and longer than the window; no window bridges two blocks', async (t) => {
  const rows = Array.from({ length: 12 }, (_, n) => [n, 0, 0])
  const path = makeFile(t, 'f.csv', table('x,y,z', rows))
  const xs = async (options: SensorOptions) => (await windowsOf(path, options)).map(xsOf)
  assert.deepEqual(
    await xs({ window: 3, hop: 2 }),
    [0, 2, 4, 6, 8].map((n) => [n, n + 1, n + 2]),
  )
  assert.deepEqual(await xs({ window: 2, hop: 5 }), [
    [0, 1],
    [5, 6],
    [10, 11],
  ])
  const blocks = await windowsOf(path, { window: 3, hop: 1, block: 6 })
  assert.deepEqual(
    blocks.map((window) => xsOf(window)[0]),
    [0, 1, 2, 3, 6, 7, 8, 9],
  )
  assert.deepEqual(new Set(blocks.map(({ group }) => group)).size, 2)
  await assert.rejects(xs({ window: 4, block: 6 }), RangeError)
  await assert.rejects(xs({ window: 0 }), RangeError)
})

test('a row that is no point breaks the stream and is told of', async (t) => {
  const rows = [
    [1, 0, 0],
    [2, 0, 0],
    ['', 0, 0],
    [4, 0, 0],
    [5, 0, 0],
    [6, 'NaN', 0],
    [7, 0, 1e10],
  ]
  const path = makeFile(t, 'f.csv', table('x,y,z', rows))
  const skipped: string[] = []
  const onSkip = ({ file }: { file: string }) => skipped.push(file)
  const found = await windowsOf(path, { window: 2, hop: 1, onSkip })
  assert.deepEqual(found.map(xsOf), [
    [1, 2],
    [4, 5],
  ])
  assert.deepEqual(skipped, ['f.csv:4', 'f.csv:7', 'f.csv:8'])
})

test('other encodings, decimal commas and own names of columns', async (t) => {
  const text = 'Gerät;Längs;Quer;Hoch\r\nPumpe;1,5;0;0\r\nPumpe;-2,25;0;0\r\n'
  const columns = { device: 'gerät', x: 'Längs', y: 'Quer', z: 'Hoch' }
  for (const content of [Buffer.from(`\ufeff${text}`, 'utf16le'), Buffer.from(text, 'latin1')]) {
    const [found] = await windowsOf(makeFile(t, 'f.csv', content), { window: 2, columns })
    assert.deepEqual([found!.device, ...xsOf(found!)], ['Pumpe', 1.5, -2.25])
  }
  await assert.rejects(
    windowsOf(makeFile(t, 'f.csv', text), { window: 2 }),
    (error) => error instanceof DugaError && error.code === 'training.columns',
  )
})

test('a table row has an identity; rows without content are left out', async (t) => {
  const path = makeFile(
    t,
    't.tsv',
    'Name\tOther\tCategory\nSusu\t1\tMilk\n\t2\t\n"Teh, \tes"\t3\tTea\n',
  )
  const wishes = {
    name: { what: 'the name', names: ['product_name', 'name'] },
    category: { what: 'the category', names: ['category'] },
    note: { what: 'a note', names: ['note'], optional: true },
  }
  const rows = await collect(readTable(path, wishes))
  assert.deepEqual(
    rows.map(({ id, cells }) => [id, cells]),
    [
      ['t.tsv:2', { name: 'Susu', category: 'Milk', note: '' }],
      ['t.tsv:4', { name: 'Teh, \tes', category: 'Tea', note: '' }],
    ],
  )
  assert.notEqual(rows[0]!.contentHash, rows[1]!.contentHash)
})

test('the fan: 2 states × 17 speeds × 125 windows, none across two speeds', async (t) => {
  const path = new URL('../../../../shared/data/vibration/fan.csv', import.meta.url).pathname
  const found = await windowsOf(path, {}).catch(() => null)
  if (found === null) return t.skip('shared data not present')
  assert.equal(found.length, 2 * 17 * 125)
  assert.deepEqual(new Set(found.map(({ label }) => label)), new Set(['1', '3']))
  const [head, ...points] = readFileSync(path, 'utf8').split('\n', 6001)
  const twoSpeeds = makeFile(t, 'two-speeds.csv', [head, ...points].join('\n'))
  const blocks = await windowsOf(twoSpeeds, { hop: 12, block: 600 })
  assert.equal(new Set(blocks.map(({ group }) => group)).size, 2 * 5)
})
