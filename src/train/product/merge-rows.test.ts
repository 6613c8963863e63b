import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { LEAST_ROWS, mergeRows } from './merge-rows.ts'
import { groupKey, nameKey, type ProductRow } from './row.ts'
import { decodeRows, encodeRows } from './rows-file.ts'

const names = fc.uniqueArray(
  fc.record({
    brand: fc.constantFrom('abc', 'ultra', 'bango', 'rinso', 'sosro', 'aqua', 'indomie', 'taro'),
    kind: fc.constantFrom('susu', 'kecap', 'teh', 'mie', 'sabun', 'keripik'),
    size: fc.constantFrom('250ml', '1kg', '', '85 gr'),
    category: fc.constantFrom('A', 'B', 'C'),
  }),
  {
    minLength: 30,
    maxLength: 60,
    selector: (row) => nameKey(`${row.brand} ${row.kind} ${row.size}`),
  },
)
const toRows = (list: readonly { brand: string; kind: string; size: string; category: string }[]) =>
  list.map(({ brand, kind, size, category }) => ({
    name: `${brand} ${kind} ${size}`.trim(),
    category,
  }))

test('sides are kept, near-duplicates stay together, nobody is judged on what a version has seen', () => {
  fc.assert(
    fc.property(names, names, fc.boolean(), fc.integer(), (first, second, replace, seed) => {
      const [a, b] = [toRows(first), toRows(second)]
      const classes = (rows: { category: string }[]) => Map.groupBy(rows, (row) => row.category)
      const enough = (rows: { category: string }[]) =>
        [...classes(rows).values()].every((members) => members.length >= LEAST_ROWS)
      fc.pre(enough(a) && enough(b) && classes(a).size > 1 && classes(b).size > 1)
      const earlier = mergeRows([], a, { replace: false, seed: 1 }).rows
      const merged = mergeRows(earlier, b, { replace, seed })
      const before = new Map(earlier.map((row) => [nameKey(row.name), row]))
      const seen = (rows: readonly ProductRow[]) =>
        new Set(rows.filter(({ split }) => split === 'train').map(({ name }) => nameKey(name)))
      for (const row of merged.judged) {
        assert.ok(
          !seen(earlier).has(nameKey(row.name)) && !seen(merged.rows).has(nameKey(row.name)),
        )
      }
      for (const row of replace ? [] : merged.rows) {
        const known = before.get(nameKey(row.name))
        const few = merged.rows.filter((r) => r.category === row.category && r.split === 'train')
        if (known !== undefined && few.length > LEAST_ROWS)
          assert.ok(row.split === known.split || row.split === 'train')
      }
      for (const category of new Set(merged.rows.map((row) => row.category))) {
        const own = merged.rows.filter((row) => row.category === category && row.split === 'train')
        assert.ok(own.length >= LEAST_ROWS - 1)
      }
      assert.deepEqual(mergeRows(earlier, b, { replace, seed }), merged)
    }),
    { numRuns: 50 },
  )
})

test('a new label wins; a fifth of a large addition is held out; too few or one category is refused', () => {
  const earlier = mergeRows([], toMany('A', 'B'), { replace: false, seed: 1 }).rows
  const held = earlier.filter(({ split }) => split === 'test').length
  assert.ok(held >= 36 && held <= 44, String(held))
  const merged = mergeRows(earlier, [{ name: 'AA KATAAK', category: 'B' }], {
    replace: false,
    seed: 1,
  })
  assert.equal(merged.rows.find(({ name }) => name === 'aa kataak')!.category, 'B')
  const few = [...toMany('A'), { name: 'x', category: 'B' }]
  assert.throws(() => mergeRows([], few, { replace: false, seed: 1 }), {
    code: 'training.too-few-rows',
    message: 'The category B has 1 usable rows; at least 3 are needed',
  })
  assert.throws(() => mergeRows(earlier, toMany('A'), { replace: true, seed: 1 }), {
    code: 'training.one-class',
  })
})

test('a fresh start is judged on the old held-out rows too', () => {
  const earlier = mergeRows([], toMany('A', 'B', 'C'), { replace: false, seed: 1 }).rows
  const added = [...toMany('A'), ...toMany('B')].map((row) => ({
    ...row,
    name: `${row.name} lagi`,
  }))
  const { judged } = mergeRows(earlier, added, { replace: true, seed: 1 })
  assert.ok(judged.some(({ name }) => !name.endsWith('lagi')))
  assert.ok(judged.every(({ category }) => category !== 'C'))
})

test('sizes and order do not make another group; rows survive their file', () => {
  assert.equal(groupKey('Susu ULTRA coklat 250ml'), groupKey('ultra susu coklat 1 L isi 12'))
  assert.notEqual(groupKey('susu coklat'), groupKey('susu vanila'))
  assert.equal(groupKey('5 l'), '5 l')
  const rows: ProductRow[] = [
    { name: 'a "b", c', category: 'X, Y', group: 'a', split: 'test' },
    { name: 'd', category: 'Z', group: '2', split: 'train' },
  ]
  assert.deepEqual(decodeRows(encodeRows(rows)), rows)
})

function toMany(...categories: string[]) {
  return categories.flatMap((category) =>
    Array.from({ length: 100 }, (_, i) => ({
      name: `${category.toLowerCase()}${category.toLowerCase()} kata${'abcdefghij'[i % 10]}${'klmnopqrst'[Math.floor(i / 10)]}`,
      category,
    })),
  )
}
