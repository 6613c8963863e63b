// The page is whole: its own files, under the mount, with a strict policy.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startDogClient } from '../../../test/builders/dog-client.ts'

test('the page needs no other host and allows no foreign script', async (t) => {
  const dog = await startDogClient({ model: false })
  t.after(() => dog.close())
  const { body, headers } = await dog.call('/')
  const html = String(body.text)
  assert.match(headers.get('content-security-policy')!, /default-src 'none'/)
  assert.doesNotMatch(html, /https?:|<script>|style=|onclick=|\{mount\}/)
  const files = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path!)
  const own = ['/static/page-history.css', '/static/page.css', '/static/page.js']
  assert.deepEqual(files.sort(), ['/docs', '/redoc', ...own])
  for (const path of files) assert.equal((await dog.call(path)).status, 200)
})

test('the page calls under its prefix, with and without a slash', async (t) => {
  const dog = await startDogClient({ model: false, mounted: true })
  t.after(() => dog.close())
  for (const path of ['/dog', '/dog/']) {
    const { body } = await dog.call(path)
    assert.match(String(body.text), /data-mount="\/dog"/)
    assert.match(String(body.text), /src="\/dog\/static\/page\.js"/)
  }
  assert.equal((await dog.call('/dog/static/page.js')).status, 200)
})
