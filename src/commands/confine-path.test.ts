import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { confinePath } from './confine-path.ts'

const top = realpathSync(mkdtempSync(join(tmpdir(), 'duga-confine-')))
const root = join(top, 'root')
mkdirSync(join(root, 'sub', 'data'), { recursive: true })
mkdirSync(join(top, 'root-beside'))
for (const file of ['root/a.csv', 'root/sub/b.csv', 'root/..c.csv', 'root-beside/x', 'secret']) {
  writeFileSync(join(top, file), file)
}
symlinkSync(join(top, 'secret'), join(root, 'link-out'))
symlinkSync('..', join(root, 'up'))
symlinkSync('sub', join(root, 'link-in'))
symlinkSync('loop', join(root, 'loop'))
symlinkSync(root, join(top, 'root-link'))
after(() => rmSync(top, { recursive: true }))

const options = { stripPrefix: 'data' }

const inside: [name: string, real: string][] = [
  ['a.csv', 'a.csv'],
  ['./a.csv', 'a.csv'],
  ['data/a.csv', 'a.csv'],
  ['data//a.csv', 'a.csv'],
  ['./data/sub/b.csv', 'sub/b.csv'],
  ['data', ''],
  ['data/', ''],
  ['.', ''],
  ['sub/../a.csv', 'a.csv'],
  ['sub/data', 'sub/data'],
  ['link-in/b.csv', 'sub/b.csv'],
  ['..c.csv', '..c.csv'],
  [join(root, 'a.csv'), 'a.csv'],
]
for (const [name, real] of inside) {
  test(`${JSON.stringify(name.replace(top, ''))} is inside`, async () => {
    assert.equal(await confinePath(root, name, options), join(root, real))
  })
}

const refused: [name: string, code: string][] = [
  ['../secret', 'path.outside'],
  ['data/../../secret', 'path.outside'],
  ['data//../../secret', 'path.outside'],
  ['../root-beside/x', 'path.outside'],
  ['../not-there', 'path.outside'],
  ['/etc/passwd', 'path.outside'],
  ['data//etc/passwd', 'path.missing'],
  ['link-out', 'path.outside'],
  ['up/secret', 'path.outside'],
  ['up/root-beside/x', 'path.outside'],
  ['a.csv\0.png', 'path.outside'],
  ['\0', 'path.outside'],
  ['', 'path.missing'],
  ['not-there', 'path.missing'],
  ['a.csv/x', 'path.missing'],
  ['loop', 'path.missing'],
  ['%2e%2e/secret', 'path.missing'],
  ['..\\secret', 'path.missing'],
  ['x'.repeat(5000), 'path.missing'],
]
for (const [name, code] of refused) {
  test(`${JSON.stringify(name.slice(0, 40))} ends in ${code}`, async () => {
    await assert.rejects(confinePath(root, name, options), { code })
  })
}

test('a root behind a link takes both of its names', async () => {
  const link = join(top, 'root-link')
  for (const name of ['a.csv', join(link, 'a.csv'), join(root, 'a.csv')]) {
    assert.equal(await confinePath(link, name), join(root, 'a.csv'))
  }
})

test('without a prefix to strip, data/ is a folder like any other', async () => {
  await assert.rejects(confinePath(root, 'data/a.csv'), { code: 'path.missing' })
})

test('whatever is made of these pieces, the answer is inside or an error', async () => {
  const piece = fc.constantFrom('..', '.', '', 'sub', 'up', 'link-in', 'link-out', 'data', 'a.csv')
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 8 }), fc.boolean(), async (pieces, absolute) => {
      const name = (absolute ? `${root}/` : '') + pieces.join('/')
      const real = await confinePath(root, name, options).catch((error) => {
        assert.match(error.code, /^path\./)
        return root
      })
      assert.ok(real === root || real.startsWith(`${root}/`))
    }),
    { numRuns: 300 },
  )
})

test('a root that is not there holds nothing', async () => {
  await assert.rejects(confinePath(join(top, 'none'), 'a'), { code: 'path.missing' })
})
