// The cells of an .xlsx workbook's sheets as text (ECMA-376): shared and inline strings, numbers, cells merged over rows.
// No styles, no formulas beyond their stored results, no dates. Read whole, within a bound on the unpacked size.
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { strFromU8, unzipSync } from 'fflate'
import { DugaError } from '../../errors.ts'

/** Most bytes of one part after unpacking. */
const MAX_PART = 256 << 20
const PARTS = /^xl\/(sharedStrings|worksheets\/sheet\d+)\.xml$/

/**
 * One table a sheet, in the order of their numbers; empty rows and sheets are left out.
 * @throws DugaError training.unreadable
 */
export async function readXlsx(path: string): Promise<string[][][]> {
  const fail = (reason: string, cause?: unknown) =>
    new DugaError('training.unreadable', { file: basename(path), reason }, { cause })
  let parts: Record<string, Uint8Array>
  try {
    parts = unzipSync(await readFile(path), {
      filter: ({ name, originalSize }) => {
        if (!PARTS.test(name)) return false
        if (originalSize > MAX_PART) throw fail('it unpacks to more than 256 MB')
        return true
      },
    })
  } catch (cause) {
    throw cause instanceof DugaError ? cause : fail('it is not an .xlsx workbook', cause)
  }
  const names = Object.keys(parts).filter((name) => name.includes('/worksheets/'))
  if (names.length === 0) throw fail('it has no worksheet')
  const shared = readShared(parts['xl/sharedStrings.xml'])
  const order = (name: string) => Number(/(\d+)\.xml$/.exec(name)![1])
  return names
    .sort((a, b) => order(a) - order(b))
    .map((name) => readSheet(strFromU8(parts[name]!), shared))
    .filter((rows) => rows.length > 0)
}

function readShared(part: Uint8Array | undefined): string[] {
  if (part === undefined) return []
  return Array.from(strFromU8(part).matchAll(/<si\b[^>]*?(?:\/>|>(.*?)<\/si>)/gs), ([, item]) =>
    readText(item ?? ''),
  )
}

interface SheetRow {
  /** As the sheet counts, from 1. */
  readonly number: number
  readonly cells: string[]
}

function readSheet(xml: string, shared: readonly string[]): string[][] {
  const rows: SheetRow[] = []
  for (const [, own, body] of xml.matchAll(/<row\b([^>]*?)(?:\/>|>(.*?)<\/row>)/gs)) {
    const row: string[] = []
    for (const [, attributes, cell] of (body ?? '').matchAll(/<c\b([^>]*?)(?:\/>|>(.*?)<\/c>)/gs)) {
      const letters = /\br="([A-Z]+)\d+"/.exec(attributes!)?.[1]
      const column = letters === undefined ? row.length : toColumn(letters)
      // A sheet has at most 16,384 columns; what claims more is left out.
      if (column < 16_384) row[column] = readCell(attributes!, cell ?? '', shared)
    }
    const number = Number(/\br="(\d+)"/.exec(own!)?.[1] ?? (rows.at(-1)?.number ?? 0) + 1)
    rows.push({ number, cells: Array.from(row, (value) => value ?? '') })
  }
  fillMerged(rows, xml)
  return rows.map(({ cells }) => cells).filter((cells) => cells.some((value) => value !== ''))
}

/** Rows that merged cells may fill; more are no table. */
const MOST_FILLED = 1_000_000

/**
 * A cell that is merged over several rows counts in each of them, as a category above its products. Over several columns
 * it stays in the first: that is a heading.
 */
function fillMerged(rows: readonly SheetRow[], xml: string): void {
  const byNumber = new Map(rows.map((row) => [row.number, row.cells]))
  let left = MOST_FILLED
  for (const [, letters, top, bottom] of xml.matchAll(
    /<mergeCell\b[^>]*?\bref="([A-Z]{1,3})(\d+):[A-Z]{1,3}(\d+)"/g,
  )) {
    const column = toColumn(letters!)
    const value = byNumber.get(Number(top))?.[column] ?? ''
    if (value === '') continue
    for (let number = Number(top) + 1; number <= Number(bottom); number++) {
      if (left-- <= 0) return
      const cells = byNumber.get(number)
      if (cells === undefined) continue
      while (cells.length < column) cells.push('')
      if ((cells[column] ?? '') === '') cells[column] = value
    }
  }
}

function readCell(attributes: string, cell: string, shared: readonly string[]): string {
  const type = /\bt="(\w+)"/.exec(attributes)?.[1]
  if (type === 'inlineStr') return readText(cell)
  // `#N/A` and the like are no text.
  if (type === 'e') return ''
  const value = /<v\b[^>]*>(.*?)<\/v>/s.exec(cell)?.[1] ?? ''
  return type === 's' ? (shared[Number(value)] ?? '') : toPlain(value)
}

/** The runs of a rich text, joined; phonetic guides left out. */
function readText(item: string): string {
  const plain = item.replaceAll(/<rPh\b.*?<\/rPh>/gs, '')
  return Array.from(plain.matchAll(/<t\b[^>]*>(.*?)<\/t>/gs), ([, text]) => toPlain(text!)).join('')
}

function toColumn(letters: string): number {
  let column = 0
  for (const letter of letters) column = column * 26 + letter.charCodeAt(0) - 64
  return column - 1
}

const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
}

function toPlain(text: string): string {
  return text
    .replaceAll(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
      if (name === undefined) return code <= 0x10ffff ? String.fromCodePoint(code) : whole
      return ENTITIES[name] ?? whole
    })
    .replaceAll(/_x([0-9A-F]{4})_/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
}
