// Every family of keras.applications against Keras: too many bytes to keep, so applications.py writes them and this reads them.
// Run: node --test scripts/reference/keras/compare-applications.ts, with DUGA_KERAS_APPLICATIONS naming the folder.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { importFiles } from '../../../src/importers/import-files.ts'
import { compareGraph } from '../../../test/builders/keras-cases.ts'

const TOLERANCE = 1e-4
const folder = process.env.DUGA_KERAS_APPLICATIONS
if (folder === undefined) throw new Error('DUGA_KERAS_APPLICATIONS must name the folder.')
const models = readdirSync(folder).filter((file) => !file.endsWith('.json'))

test('keras.applications', async (t) => {
  for (const file of models) {
    await t.test(file, async (inner) => {
      const base = join(folder, file)
      const json = base.replace(/\.\w+$/, '.json')
      const start = performance.now()
      const { models: imported } = await importFiles([base])
      const seconds = (performance.now() - start) / 1000
      const by = await compareGraph(imported[0]!.graph, JSON.parse(readFileSync(json, 'utf8')))
      inner.diagnostic(`${by.toPrecision(2)} in ${seconds.toFixed(1)} s`)
      assert.ok(by <= TOLERANCE, `it differs by ${by}`)
    })
  }
})
