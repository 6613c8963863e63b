// A table whose last line is 1 GB long, through the trainers: refused, and never held in memory.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { train as trainProduct } from '../src/services/product/train.ts'
import { train as trainVibration } from '../src/services/vibration/train.ts'
import { writeEndlessLine } from './builders/bad-training-data.ts'

for (const [service, train, header, row] of [
  ['product', trainProduct, 'name,category', 'susu segar murni,Susu'],
  ['vibration', trainVibration, 'x,y,z', '0.125,0.25,0.5'],
] as const) {
  test(service, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'duga-endless-'))
    const data = join(folder, 'endless.csv')
    try {
      await writeEndlessLine(data, header, row)
      const before = process.resourceUsage().maxRSS
      const training = train({
        ...{ version: 'v1.0.1', incumbent: null, parameters: { data, seed: 1 } },
        checkpoints: folder,
        signal: new AbortController().signal,
        progress: () => {},
      })
      await assert.rejects(training, {
        code: 'training.unreadable',
        message: /endless\.csv could not be read: a row is longer than 1048576 characters/,
      })
      const grown = (process.resourceUsage().maxRSS - before) / 1024
      assert.ok(grown < 150, `${grown.toFixed(0)} MB more than before`)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
}
