import assert from 'node:assert/strict'
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type FeatureKey, type FeatureSpaceKey, openFeatureSpace } from './feature-cache.ts'

const LENGTH = 50
const SPACE: FeatureSpaceKey = { backbone: 'b', recipe: 'r', length: LENGTH, type: 'float32' }

function setUp(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'duga-features-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const computed: number[] = []
  const open = async (
    change: Partial<FeatureSpaceKey> = {},
    maxBytes = 1 << 30,
    memoryBytes = 0,
  ) => {
    const space = await openFeatureSpace({ folder, maxBytes, memoryBytes }, { ...SPACE, ...change })
    const get = (all: readonly FeatureKey[]) =>
      space.getOrCompute(all, async (places) => {
        computed.push(places.length)
        return Float32Array.from(places.flatMap((place) => featuresOf(all[place]!)))
      })
    return { get, space }
  }
  const files = () =>
    (readdirSync(folder, { recursive: true }) as string[])
      .filter((name) => /\.(features|tmp)$/.test(name))
      .map((name) => join(folder, name))
  return { folder, open, computed, files }
}

const featuresOf = ({ contentHash, view }: FeatureKey): number[] =>
  Array.from({ length: LENGTH }, (_, i) => Number(contentHash) + view / 10 + i / 1000)

const keys = (from: number, to: number, view = 0): FeatureKey[] =>
  Array.from({ length: to - from }, (_, i) => ({ contentHash: `${from + i}`, view }))

const expected = (all: readonly FeatureKey[]) => Float32Array.from(all.flatMap(featuresOf))

test('computed once, in whatever order and by whichever job it is asked for again', async (t) => {
  const { open, computed } = setUp(t)
  const { get, space } = await open()
  assert.deepEqual(await get(keys(0, 8)), expected(keys(0, 8)))
  const mixed = [...keys(6, 10), ...keys(2, 4), ...keys(0, 2, 1), ...keys(9, 10)]
  assert.deepEqual(await get(mixed), expected(mixed))
  assert.deepEqual(await get(mixed.toReversed()), expected(mixed.toReversed()))
  assert.deepEqual(computed, [8, 4])
  assert.deepEqual(space.stats, { hits: 4 + 9, computed: 12, writeError: null })
  const next = await open()
  assert.deepEqual(await next.get(mixed), expected(mixed))
  assert.deepEqual(computed, [8, 4])
})

test('another backbone, recipe or type is another space; float16 rounds alike from the first time on', async (t) => {
  const { open, computed } = setUp(t)
  for (const change of [
    {},
    { backbone: 'other' },
    { recipe: 'other' },
    { type: 'float16' as const },
  ]) {
    await (await open(change)).get(keys(0, 3))
  }
  assert.deepEqual(computed, [3, 3, 3, 3])
  const half = { backbone: 'half', type: 'float16' as const }
  const first = await (await open(half)).get(keys(0, 3))
  assert.deepEqual(await (await open(half)).get(keys(0, 3)), first)
  assert.ok(first.every((value, i) => Math.abs(value - expected(keys(0, 3))[i]!) < 2e-3))
  assert.deepEqual(computed.length, 5)
})

test('damaged, foreign and unfinished files are computed again, never believed', async (t) => {
  const { open, computed, files } = setUp(t)
  await (await open()).get(keys(0, 4))
  const [path] = files()
  const good = readFileSync(path!)
  for (const bad of [
    good.subarray(0, -7),
    Buffer.concat([good.subarray(0, -1), Buffer.of(99)]),
    Buffer.from('{}\n'),
    Buffer.alloc(0),
  ]) {
    for (const other of files()) rmSync(other)
    writeFileSync(path!, bad)
    const before = computed.length
    assert.deepEqual(await (await open()).get(keys(0, 4)), expected(keys(0, 4)))
    assert.equal(computed.length, before + 1)
  }
  writeFileSync(`${path}.tmp`, good)
  utimesSync(`${path}.tmp`, new Date(0), new Date(0))
  await (await open()).get(keys(100, 101))
  assert.ok(!files().some((name) => name.endsWith('.tmp')))
})

test('a file that another process has evicted is computed again', async (t) => {
  const { open, computed, files } = setUp(t)
  const { get } = await open()
  await get(keys(0, 4))
  for (const path of files()) rmSync(path)
  assert.deepEqual(await get(keys(0, 4)), expected(keys(0, 4)))
  assert.deepEqual(computed, [4, 4])
})

test('the least recently used goes first, and the bound holds', async (t) => {
  const { open, files, computed } = setUp(t)
  const { get } = await open()
  for (const from of [0, 10, 20]) {
    await get(keys(from, from + 10))
    for (const path of files()) utimesSync(path, new Date(1000), new Date(1000))
  }
  const size = files().reduce((sum, path) => sum + statSync(path).size, 0)
  const bounded = await open({}, size)
  await bounded.get(keys(10, 11))
  await bounded.get(keys(30, 40))
  assert.ok(files().reduce((sum, path) => sum + statSync(path).size, 0) <= size + 10)
  const before = computed.length
  await (await open()).get([...keys(10, 20), ...keys(30, 40)])
  assert.equal(computed.length, before)
})

test('a failure of the computing is passed on; a folder that cannot be written only costs the cache', async (t) => {
  const { open, folder } = setUp(t)
  const { space, get } = await open()
  await assert.rejects(
    space.getOrCompute(keys(0, 2), async () => new Float32Array(3)),
    /3 features were computed where 100 belong/,
  )
  rmSync(folder, { recursive: true })
  writeFileSync(folder, '')
  assert.deepEqual(await get(keys(0, 2)), expected(keys(0, 2)))
  assert.ok(space.stats.writeError !== null)
})
