// CSV, TSV and XLSX files, or a folder of them → rows of text, by the names of their columns. Streams; keeps nothing.
import { createHash } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { DugaError } from '../../errors.ts'
import { readCsv } from '../product/read-csv.ts'
import { readXlsx } from '../product/read-xlsx.ts'
import { tidy } from './merge-labels.ts'
import { describe } from './walk-files.ts'

export interface ColumnWish {
  /** For the message where it is missing: `the category`. */
  readonly what: string
  /** Names it may have, best first; case and spaces around do not count. */
  readonly names: readonly string[]
  /** Its cells are '' where a file has no such column. Default: false, it must be there. */
  readonly optional?: boolean
}

export interface TableRow<Column extends string> {
  /** File and row, the header being row 1: unique in the folder, the same at every reading. */
  readonly id: string
  readonly cells: Readonly<Record<Column, string>>
  /** SHA-256 of the cells that were asked for. */
  readonly contentHash: string
}

/**
 * Yields every row that has anything in the columns asked for. Sheets without rows are passed over.
 * @param path a file, or a folder whose .csv, .tsv and .xlsx files are read in order of their names
 * @throws DugaError training.unreadable, training.columns
 */
export async function* readTable<Column extends string>(
  path: string,
  columns: Readonly<Record<Column, ColumnWish>>,
  signal?: AbortSignal,
): AsyncGenerator<TableRow<Column>> {
  const names = Object.keys(columns) as Column[]
  for (const file of await listTables(path)) {
    const isWorkbook = extname(file).toLowerCase() === '.xlsx'
    const tables = isWorkbook ? await readXlsx(file) : [readCsv(file, signal)]
    for (const [sheet, table] of tables.entries()) {
      const source = tables.length > 1 ? `${basename(file)}#${sheet + 1}` : basename(file)
      let places: readonly number[] | null = null
      let number = 0
      for await (const cells of table) {
        number += 1
        if (places === null) {
          places = names.map((name) => findColumn(cells, source, columns[name]))
          continue
        }
        const values = places.map((place) => cells[place] ?? '')
        if (values.every((value) => value.trim() === '')) continue
        yield {
          id: `${source}:${number}`,
          cells: Object.fromEntries(names.map((name, i) => [name, values[i]!])) as Record<
            Column,
            string
          >,
          contentHash: createHash('sha256').update(JSON.stringify(values)).digest('hex'),
        }
      }
    }
  }
}

/** @returns its place, −1 for an optional one that is not there */
function findColumn(header: readonly string[], file: string, wish: ColumnWish): number {
  const titles = header.map((title) => tidy(title).toLowerCase())
  for (const name of wish.names) {
    const place = titles.indexOf(tidy(name).toLowerCase())
    if (place >= 0) return place
  }
  if (wish.optional) return -1
  const found = header.slice(0, 20).map(tidy).join(', ').slice(0, 300)
  const { what, names } = wish
  throw new DugaError('training.columns', { file, what, found, names: names.join(', ') })
}

async function listTables(path: string): Promise<string[]> {
  const entry = await stat(path).catch((cause: unknown) => {
    throw unreadable(path, describe(cause), cause)
  })
  if (!entry.isDirectory()) return [path]
  const names = (await readdir(path)).filter(
    // Hidden files, and what Excel leaves beside open workbooks.
    (name) => /\.(xlsx|csv|tsv)$/i.test(name) && !/^(\.|~\$)/.test(name),
  )
  if (names.length === 0) throw unreadable(path, 'the folder holds no .csv, .tsv or .xlsx file')
  return names.sort().map((name) => join(path, name))
}

function unreadable(path: string, reason: string, cause?: unknown): DugaError {
  return new DugaError('training.unreadable', { file: basename(path), reason }, { cause })
}
