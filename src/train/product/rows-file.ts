// The rows that a version was trained and judged on, kept with it: gzipped CSV. The bundled list has the same columns.
import { parse } from 'csv-parse/sync'
import { gunzipSync, gzipSync, strFromU8, strToU8 } from 'fflate'
import type { ProductRow } from './row.ts'

const HEADER = ['product_name', 'category', 'group', 'split'] as const

/** The same rows always give the same bytes. */
export function encodeRows(rows: readonly ProductRow[]): Uint8Array {
  const lines = rows.map(({ name, category, group, split }) =>
    [name, category, group, split].map(quote).join(','),
  )
  return gzipSync(strToU8(`${[HEADER.join(), ...lines].join('\n')}\n`), { level: 9, mtime: 0 })
}

export function decodeRows(bytes: Uint8Array): ProductRow[] {
  return parseRows(strFromU8(gunzipSync(bytes)))
}

/** @param csv with the columns product_name, category, group, split */
export function parseRows(csv: string): ProductRow[] {
  const records = parse(csv, { columns: true, skip_empty_lines: true }) as Record<
    (typeof HEADER)[number],
    string
  >[]
  return records.map(({ product_name, category, group, split }) => ({
    name: product_name,
    category,
    group,
    split: split === 'test' ? 'test' : 'train',
  }))
}

function quote(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
}
