// The bundled list keeps what its card says of it.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { nameKey } from '../../train/product/row.ts'
import { parseRows } from '../../train/product/rows-file.ts'
import { buildProduct } from './build-product.ts'

const folder = new URL('../../../models/product/', import.meta.url)
const csv = readFileSync(new URL('data/products.csv', folder), 'utf8')
const rows = parseRows(csv)

test('distinct names of 24 categories, a fifth of them held out', () => {
  assert.ok(rows.length >= 7000)
  assert.equal(new Set(rows.map(({ name }) => nameKey(name))).size, rows.length)
  assert.equal(new Set(rows.map(({ category }) => category)).size, 24)
  const held = rows.filter(({ split }) => split === 'test')
  assert.ok(held.length / rows.length >= 0.2, String(held.length))
})

test('a product in another size or order of words stands on one side only', () => {
  const units = new Set(['g', 'gr', 'kg', 'l', 'ml', 's', 'pcs', 'btl', 'isi', 'sachet', 'renteng'])
  const words = (name: string) =>
    [...new Set(name.toLowerCase().match(/[a-z]+/g) ?? [])]
      .filter((word) => !units.has(word))
      .sort()
      .join(' ')
  const trained = new Set(
    rows.filter(({ split }) => split === 'train').map(({ name }) => words(name)),
  )
  const both = rows.filter(({ name, split }) => split === 'test' && trained.has(words(name)))
  assert.deepEqual(
    both.map(({ name }) => name),
    [],
  )
  const sides = Map.groupBy(rows, ({ group }) => group)
  for (const members of sides.values()) assert.equal(new Set(members.map((r) => r.split)).size, 1)
})

test('the committed model is made of the list, byte for byte', () => {
  const { graphs, data, metrics } = buildProduct(csv)
  const committed = readFileSync(new URL('model.onnx', folder))
  assert.ok(Buffer.compare(graphs.model!, committed) === 0)
  for (const { name, content } of Object.values(data!)) {
    assert.ok(Buffer.compare(content, readFileSync(new URL(name, folder))) === 0, name)
  }
  assert.ok(metrics.accuracy! >= 0.92)
  assert.ok(metrics.expected_calibration_error! <= 0.05)
})
