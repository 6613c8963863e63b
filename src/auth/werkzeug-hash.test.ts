// Against hashes that Werkzeug made.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { hashSecret, verifySecret } from './hash.ts'
import { isWerkzeugHash, verifyWerkzeug } from './werkzeug-hash.ts'

interface Case {
  readonly password: string
  readonly hash: string
}

const file = new URL('fixtures/werkzeug.json', import.meta.url)
const cases = JSON.parse(readFileSync(file, 'utf8')) as readonly Case[]

test('compares passwords with Werkzeug hashes', async () => {
  for (const { password, hash } of cases) {
    assert.ok(isWerkzeugHash(hash), hash)
    assert.equal(await verifySecret(password, hash), true, hash)
  }
  const [{ password, hash }] = cases as readonly [Case]
  assert.equal(await verifySecret(`${password}.`, hash), false)
})

test('knows no other form, and bounds what a hash may cost', async () => {
  const other = ['', 'plain$$x', 'md5$salt$00', 'scrypt:1$a$00', 'pbkdf2:md5:1$a$00']
  for (const hash of [...other, await hashSecret('x')]) assert.ok(!isWerkzeugHash(hash), hash)
  await assert.rejects(verifyWerkzeug('x', 'scrypt:4194304:8:1$salt$00'), RangeError)
})
