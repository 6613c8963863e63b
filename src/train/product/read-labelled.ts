// A data file or a folder of workbooks → labelled names: columns found, unusable rows dropped and counted, labels tidied.
import { readdir, stat } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { DugaError } from '../../errors.ts'
import type { Json } from '../../json.ts'
import { readCsv } from './read-csv.ts'
import { readXlsx } from './read-xlsx.ts'
import { nameKey } from './row.ts'

export interface ColumnChoice {
  readonly name?: string
  readonly category?: string
}

/** The columns that a call names: `name_column`, `category_column`. */
export function toColumns(parameters: { readonly [key: string]: Json }): ColumnChoice {
  const { name_column: name, category_column: category } = parameters
  return {
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof category === 'string' ? { category } : {}),
  }
}

export interface LabelledNames {
  readonly rows: readonly { readonly name: string; readonly category: string }[]
  readonly notices: readonly string[]
}

interface Tally {
  unusable: number
  relabelled: number
}

const NAME_COLUMNS = ['product_name', 'item_name', 'name']
const CATEGORY_COLUMNS = ['category', 'label', 'Fixed Category Code']
const MAX_NAME = 1000
const MAX_ROWS = 2_000_000

/**
 * A name that comes twice counts once, with its last category. Categories that differ in case or spaces alone become
 * the spelling that is `known`, else the commonest.
 *
 * @param usable whether a name has a word that the model could use
 * @param known category names of the version that the rows are added to
 * @throws DugaError training.unreadable, training.columns, training.no-rows
 */
export async function readLabelledNames(
  path: string,
  columns: ColumnChoice,
  usable: (name: string) => boolean,
  known: readonly string[],
  signal?: AbortSignal,
): Promise<LabelledNames> {
  const rows = new Map<string, { name: string; category: string }>()
  const tally: Tally = { unusable: 0, relabelled: 0 }
  for await (const [rawName, rawCategory] of readPairs(path, columns, signal)) {
    const [name, category] = [tidy(rawName), tidy(rawCategory)]
    if (category === '' || name.length > MAX_NAME || !usable(name)) {
      tally.unusable += 1
      continue
    }
    const key = nameKey(name)
    const before = rows.get(key)
    if (before !== undefined && before.category !== category) tally.relabelled += 1
    rows.set(key, { name, category })
    if (rows.size > MAX_ROWS) {
      const reason = `it has more than ${MAX_ROWS} rows`
      throw new DugaError('training.unreadable', { file: basename(path), reason })
    }
  }
  if (rows.size === 0) throw new DugaError('training.no-rows', { file: basename(path) })
  const merged = mergeSpellings([...rows.values()], known)
  return { rows: merged.rows, notices: [...toNotices(tally), ...merged.notices] }
}

async function* readPairs(
  path: string,
  columns: ColumnChoice,
  signal?: AbortSignal,
): AsyncGenerator<readonly [string, string]> {
  for (const file of await listFiles(path)) {
    const isWorkbook = extname(file).toLowerCase() === '.xlsx'
    const tables = isWorkbook ? await readXlsx(file) : [readCsv(file, signal)]
    for (const table of tables) yield* readTable(table, basename(file), columns)
  }
}

async function* readTable(
  table: Iterable<string[]> | AsyncIterable<string[]>,
  file: string,
  columns: ColumnChoice,
): AsyncGenerator<readonly [string, string]> {
  let found: readonly [number, number] | null = null
  for await (const row of table) {
    if (found !== null) yield [row[found[0]] ?? '', row[found[1]] ?? '']
    else
      found = [
        findColumn(row, file, columns.name, NAME_COLUMNS, 'the product name'),
        findColumn(row, file, columns.category, CATEGORY_COLUMNS, 'the category'),
      ]
  }
}

function findColumn(
  header: readonly string[],
  file: string,
  chosen: string | undefined,
  usual: readonly string[],
  what: string,
): number {
  const wanted = chosen === undefined ? usual : [chosen]
  const titles = header.map((title) => tidy(title).toLowerCase())
  for (const title of wanted) {
    const index = titles.indexOf(tidy(title).toLowerCase())
    if (index >= 0) return index
  }
  const found = header.slice(0, 20).map(tidy).join(', ').slice(0, 300)
  throw new DugaError('training.columns', { file, what, found, names: wanted.join(', ') })
}

async function listFiles(path: string): Promise<string[]> {
  const entry = await stat(path).catch((cause: unknown) => {
    const reason = 'it is not there'
    throw new DugaError('training.unreadable', { file: basename(path), reason }, { cause })
  })
  if (!entry.isDirectory()) return [path]
  const names = (await readdir(path)).filter(
    // Excel leaves files that start with ~$ beside open workbooks.
    (name) => /\.(xlsx|csv|tsv)$/i.test(name) && !name.startsWith('~$'),
  )
  if (names.length === 0) {
    const reason = 'the folder holds no .xlsx or .csv file'
    throw new DugaError('training.unreadable', { file: basename(path), reason })
  }
  return names.sort().map((name) => join(path, name))
}

function mergeSpellings(
  rows: readonly { readonly name: string; readonly category: string }[],
  known: readonly string[],
): LabelledNames {
  const spellings = new Map<string, Map<string, number>>()
  for (const { category } of rows) {
    const counts = spellings.get(category.toLowerCase()) ?? new Map<string, number>()
    spellings.set(category.toLowerCase(), counts)
    counts.set(category, (counts.get(category) ?? 0) + 1)
  }
  const chosen = new Map(known.map((category) => [category.toLowerCase(), category]))
  const notices: string[] = []
  for (const [key, counts] of spellings) {
    const commonest = [...counts].reduce((best, next) => (next[1] > best[1] ? next : best))[0]
    const category = chosen.get(key) ?? commonest
    chosen.set(key, category)
    const others = [...counts.keys()].filter((spelling) => spelling !== category)
    if (others.length > 0) notices.push(`"${others.join('", "')}" was read as "${category}".`)
  }
  const merged = rows.map((row) => ({ ...row, category: chosen.get(row.category.toLowerCase())! }))
  return { rows: merged, notices }
}

function toNotices({ unusable, relabelled }: Tally): string[] {
  const notices: string[] = []
  if (unusable > 0)
    notices.push(`${unusable} rows without a usable name or category were left out.`)
  if (relabelled > 0) {
    notices.push(`${relabelled} names came with several categories; the last one counts.`)
  }
  return notices
}

function tidy(text: string): string {
  return text.normalize('NFKC').replaceAll(/\s+/g, ' ').trim()
}
