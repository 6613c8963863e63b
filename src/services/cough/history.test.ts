import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Prediction } from '../../store/prediction-row.ts'
import { toCsv, toJsonArray } from './history.ts'

const row = {
  timestamp: new Date(2026, 0, 2, 3, 4, 5).getTime(),
  input: 'a "quoted", name.wav',
  label: 'wet',
  confidence: 0.91237,
  durationMs: 12.3456,
} as Prediction

async function* each(count: number): AsyncGenerator<Prediction> {
  for (let i = 0; i < count; i++) yield row
}

async function collect(pieces: AsyncIterable<string>): Promise<string> {
  let text = ''
  for await (const piece of pieces) text += piece
  return text
}

test('the history as JSON', async () => {
  assert.equal(await collect(toJsonArray(each(0))), '[]')
  const item = {
    timestamp: '2026-01-02 03:04:05',
    filename: 'a "quoted", name.wav',
    prediction: 'wet',
    confidence: 0.9124,
    processing_time_sec: 0.0123,
  }
  assert.deepEqual(JSON.parse(await collect(toJsonArray(each(2)))), [item, item])
})

test('the history as CSV', async () => {
  const lines = [
    'Timestamp,Filename,Prediction,Confidence,Processing_Time_Sec',
    '2026-01-02 03:04:05,"a ""quoted"", name.wav",wet,0.9124,0.0123',
    '',
  ]
  assert.equal(await collect(toCsv(each(1))), lines.join('\r\n'))
})
