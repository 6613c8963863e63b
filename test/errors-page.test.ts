// docs/errors.md says exactly what the table in src/errors.ts says. `npm run docs` writes it.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { errorsPage } from '../scripts/docs.ts'

test('docs/errors.md equals the error table', () => {
  assert.equal(readFileSync('docs/errors.md', 'utf8'), errorsPage())
})
