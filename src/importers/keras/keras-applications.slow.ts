// Every family of keras.applications against Keras, where scripts/reference/keras/applications.py has written them.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { compareGraph } from '../../../test/builders/keras-cases.ts'
import { importFiles } from '../import-files.ts'

const TOLERANCE = 1e-4
const folder = process.env.DUGA_KERAS_APPLICATIONS
const files = folder === undefined ? [] : readdirSync(folder)
const models = files.filter((file) => !file.endsWith('.json'))

test('keras.applications', {
  skip: folder === undefined && 'DUGA_KERAS_APPLICATIONS is not set',
}, async (t) => {
  for (const file of models) {
    await t.test(file, async (inner) => {
      const base = join(folder!, file)
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
