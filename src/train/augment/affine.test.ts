import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { toAffineMap, warpPicture } from './affine.ts'

interface Fixture {
  readonly pictures: readonly { width: number; height: number; data: string }[]
  readonly cases: readonly {
    picture: number
    parameters: Record<'theta' | 'tx' | 'ty' | 'shear' | 'zx' | 'zy', number> & {
      flip_horizontal: boolean
    }
    data: string
  }[]
}

const fixture = JSON.parse(
  readFileSync(new URL('./fixtures/affine.json', import.meta.url), 'utf8'),
) as Fixture

const bytesOf = (text: string) => Uint8Array.from(Buffer.from(text, 'base64'))

test("every transform is Keras'", () => {
  for (const { picture, parameters, data } of fixture.cases) {
    const { width, height, data: pixels } = fixture.pictures[picture]!
    const map = toAffineMap(parameters, width, height)
    const source = { width, height, data: bytesOf(pixels) }
    const levels = warpPicture(source, map, parameters.flip_horizontal)
    const expected = new Float32Array(bytesOf(data).buffer)
    const worst = levels.data.reduce((most, v, i) => Math.max(most, Math.abs(v - expected[i]!)), 0)
    assert.ok(worst < 1e-3, `${JSON.stringify(parameters)}: ${worst}`)
  }
  assert.equal(fixture.cases.length, 31)
})
