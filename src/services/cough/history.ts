// The history as the old API shows it: rows of JSON, and the CSV file that it kept. Written as it
// is read, row by row.
import type { Prediction } from '../../store/prediction-row.ts'

/** Header of the CSV file. */
export const CSV_HEADER = 'Timestamp,Filename,Prediction,Confidence,Processing_Time_Sec'

export interface HistoryItem {
  /** `YYYY-MM-DD HH:MM:SS`, the server's local time. */
  readonly timestamp: string
  readonly filename: string
  readonly prediction: string
  /** 0..1, four decimals. */
  readonly confidence: number
  /** Seconds, four decimals. */
  readonly processing_time_sec: number
}

export function toHistoryItem(prediction: Prediction): HistoryItem {
  return {
    timestamp: toLocalTime(prediction.timestamp),
    filename: prediction.input,
    prediction: prediction.label ?? '',
    confidence: Number((prediction.confidence ?? 0).toFixed(4)),
    processing_time_sec: Number((prediction.durationMs / 1000).toFixed(4)),
  }
}

/** A JSON array, in pieces. */
export async function* toJsonArray(predictions: AsyncIterable<Prediction>): AsyncGenerator<string> {
  let before = '['
  for await (const prediction of predictions) {
    yield before + JSON.stringify(toHistoryItem(prediction))
    before = ','
  }
  yield before === '[' ? '[]' : ']'
}

/** CSV with its header (RFC 4180, lines end as in Python's csv module), in pieces. */
export async function* toCsv(predictions: AsyncIterable<Prediction>): AsyncGenerator<string> {
  yield `${CSV_HEADER}\r\n`
  for await (const row of predictions) {
    const item = toHistoryItem(row)
    const text = [item.timestamp, item.filename, item.prediction].map(quote)
    const numbers = [item.confidence.toFixed(4), item.processing_time_sec.toFixed(4)]
    yield `${[...text, ...numbers].join(',')}\r\n`
  }
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function toLocalTime(milliseconds: number): string {
  const time = new Date(milliseconds)
  const two = (value: number) => String(value).padStart(2, '0')
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`
  return `${date} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':')}`
}
