// The dog contract's history as the old API shows it, and as CSV. Written page by page as it is read.
import type { DogHistoryItem, DogHistoryStore } from '../../store/dog-history.ts'
import { toLocalTime } from './local-time.ts'

export const CSV_HEADER = 'timestamp,image_filename,image_url,predicted_breed,confidence,user_id'
const PAGE = 500

export const HISTORY_ITEM_SCHEMA = {
  type: 'object',
  properties: {
    id: { type: 'integer' },
    timestamp: { type: 'string', example: '2024-12-20 10:00:00' },
    image_filename: { type: 'string' },
    image_url: { type: 'string' },
    predicted_breed: { type: 'string' },
    confidence: { type: 'string', example: '97.31%' },
    user_id: { type: ['integer', 'null'] },
    filename: { type: 'string', description: 'Equal to image_filename.' },
    prediction: { type: 'string', description: 'Equal to predicted_breed.' },
  },
} as const

export function toHistoryBody(item: DogHistoryItem) {
  return {
    id: item.id,
    timestamp: toServerTime(item.timestamp),
    image_filename: item.imageFilename,
    image_url: item.imageUrl,
    predicted_breed: item.predictedBreed,
    confidence: toPercent(item.confidence),
    user_id: item.userId,
    filename: item.imageFilename,
    prediction: item.predictedBreed,
  }
}

/** The whole history, newest first, as CSV (RFC 4180), in pieces. */
export async function* toCsv(store: DogHistoryStore): AsyncGenerator<string> {
  yield `${CSV_HEADER}\r\n`
  let before: number | undefined
  for (;;) {
    const page = await store.list({ limit: PAGE, ...(before !== undefined && { before }) })
    if (page.length > 0) yield page.map(toCsvLine).join('')
    if (page.length < PAGE) return
    before = page.at(-1)!.id
  }
}

export function toPercent(fraction: number): string {
  return `${(fraction * 100).toFixed(2)}%`
}

function toCsvLine(item: DogHistoryItem): string {
  const text = [item.imageFilename, item.imageUrl, item.predictedBreed].map(quote)
  const cells = [toServerTime(item.timestamp), ...text, String(item.confidence), item.userId ?? '']
  return `${cells.join(',')}\r\n`
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** The table holds UTC. */
function toServerTime(utc: string): string {
  return toLocalTime(Date.parse(`${utc.replace(' ', 'T')}Z`))
}
