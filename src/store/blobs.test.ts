import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, it } from 'node:test'
import { type BlobStore, openBlobStore } from './blobs.ts'

const root = mkdtempSync(join(tmpdir(), 'duga-blobs-'))
after(() => rmSync(root, { recursive: true }))
let count = 0
let folder = ''
let blobs: BlobStore
beforeEach(async () => {
  folder = join(root, String(count++))
  blobs = await openBlobStore(folder)
})

const bytes = Buffer.from('weights')
const sha256 = createHash('sha256').update(bytes).digest('hex')
const isNamed = async () => true
const isNotNamed = async () => false

it('stores bytes and files once, under their hash, for the owner only', async () => {
  assert.deepEqual(await blobs.put(bytes), { sha256, bytes: 7 })
  const path = join(root, 'source')
  writeFileSync(path, bytes)
  assert.deepEqual(await blobs.put(path), { sha256, bytes: 7 })
  assert.deepEqual(await blobs.list(), [sha256])
  assert.deepEqual(Buffer.from(await blobs.read(sha256)), bytes)
  assert.equal(statSync(await blobs.localPath(sha256)).mode & 0o077, 0)
  assert.deepEqual(readdirSync(join(folder, 'incoming')), [])
})

it('says what is missing and what was changed', async () => {
  await assert.rejects(blobs.read(sha256), { code: 'blob.missing' })
  await blobs.put(bytes)
  await blobs.verify(sha256)
  writeFileSync(await blobs.localPath(sha256), 'weightS')
  await assert.rejects(blobs.read(sha256), { code: 'blob.corrupt' })
  await assert.rejects(blobs.verify(sha256), { code: 'blob.corrupt' })
  assert.equal(Buffer.from(await blobs.read(sha256, { verify: false })).toString(), 'weightS')
})

it('removes what nothing names', async () => {
  await blobs.put(bytes)
  assert.equal(await blobs.removeUnless(sha256, isNamed), false)
  assert.equal(await blobs.has(sha256), true)
  assert.equal(await blobs.removeUnless(sha256, isNotNamed), true)
  assert.equal(await blobs.has(sha256), false)
  assert.equal(await blobs.removeUnless(sha256, isNotNamed), true)
})

it('brings back what a killed removal moved aside, and drops old half-written files', async () => {
  await blobs.put(bytes)
  // The question that never came back stands for the kill.
  const stopped = blobs.removeUnless(sha256, () => Promise.reject(new Error('killed')))
  await assert.rejects(stopped, /killed/)
  assert.equal(await blobs.has(sha256), false)
  const [old, young] = [join(folder, 'incoming', 'old'), join(folder, 'incoming', 'young')]
  writeFileSync(old, 'x')
  writeFileSync(young, 'x')
  utimesSync(old, 1, 1)
  await (await openBlobStore(folder)).recover()
  assert.deepEqual(Buffer.from(await blobs.read(sha256)), bytes)
  assert.deepEqual(readdirSync(join(folder, 'incoming')), ['young'])
})
