import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toCsvLine } from './csv.ts'

test('quotes what needs quotes and defuses formulas', () => {
  assert.equal(
    toCsvLine(['a', 'b,c', 'say "hi"', -1.5, null, '=1+1', '-x', 'two\nlines', '@a,b']),
    `a,"b,c","say ""hi""",-1.5,,'=1+1,'-x,"two\nlines","'@a,b"\r\n`,
  )
})
