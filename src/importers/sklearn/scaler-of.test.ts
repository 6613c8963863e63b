import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readFixtures } from './fixtures/compare.ts'
import { convert } from './import-sklearn.ts'
import { readEstimator } from './read-estimator.ts'

const KINDS = /^(StandardScaler|MinMaxScaler|RobustScaler|MaxAbsScaler)( mean| std)?$/

type Numbers = { readonly dims: readonly number[]; readonly float64: string }

const toFloats = ({ float64 }: Numbers): Float64Array =>
  new Float64Array(new Uint8Array(Buffer.from(float64, 'base64')).buffer)

test('a scaler that is alone is handed on as numbers that scale as it does', async () => {
  let compared = 0
  for (const { cases, numbers } of readFixtures()) {
    for (const { name, seed, file, outputs } of cases.filter((one) => KINDS.test(one.name))) {
      const { decode } = await convert([readEstimator(Buffer.from(file, 'base64'))])
      const scaler = decode.scaler as Readonly<Record<string, readonly number[]>>
      const [less, by] = [scaler.mean ?? scaler.min, scaler.scale ?? scaler.range]
      const expected = toFloats(outputs.transform as Numbers)
      for (const [at, value] of toFloats(numbers[seed]!).entries()) {
        const column = at % less!.length
        const scaled = (value - less![column]!) / by![column]!
        assert.ok(Math.abs(scaled - expected[at]!) < 1e-12, `${name}: ${scaled}`)
      }
      compared += 1
    }
  }
  assert.ok(compared > 20)
})

test('a scaler that does more, or is one of several steps, is not', async () => {
  const [{ cases }] = readFixtures() as [ReturnType<typeof readFixtures>[number]]
  for (const name of ['MinMaxScaler clip', 'Pipeline scaler, svc:names', 'PCA']) {
    const { file } = cases.find((one) => one.name === name)!
    const { decode } = await convert([readEstimator(Buffer.from(file, 'base64'))])
    assert.deepEqual(decode, {}, name)
  }
})
