import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { dataHash, loadDataset, saveDataset } from './frozen-dataset.ts'
import type { DataRow } from './row.ts'

const rows: readonly DataRow[] = [
  { id: 'b', label: 'x', group: null, contentHash: '1' },
  { id: 'a', label: 'y', group: 'g', contentHash: '2' },
]

test('what was saved comes back; what is not there is null', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'duga-frozen-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'data.json.gz')
  assert.equal(await loadDataset(path), null)
  const set = {
    rows,
    classes: ['x', 'y'],
    skipped: [{ file: 'c', reason: 'empty' }],
    notices: [],
    sides: ['train', 'test'] as const,
  }
  await saveDataset(path, set)
  assert.deepEqual(await loadDataset(path), set)
  assert.deepEqual(readdirSync(folder), ['data.json.gz'])
})

test('the hash is of ids, labels and contents, not of their order', () => {
  assert.equal(dataHash(rows), dataHash(rows.toReversed()))
  for (const change of [{ id: 'c' }, { label: 'z' }, { contentHash: '3' }]) {
    assert.notEqual(dataHash([{ ...rows[0]!, ...change }, rows[1]!]), dataHash(rows))
  }
})
