// Whose picture is it? A network that has seen a person, a room or a camera in training knows them again, so pictures of one
// source must not stand on both sides of a split. The names of folders and files say which belong together.
import type { FileRow } from '../data/row.ts'

export interface GroupedRows {
  readonly rows: readonly FileRow[]
  readonly notices: readonly string[]
}

/** Groups that each class needs, one a side. */
const LEAST_GROUPS = 3
/** A group with more than this part of all rows is no person, but what every file is called. */
const LARGEST_PART = 0.5

type Naming = (id: string) => string

/**
 * Groups rows by the sub-folder of the class that holds them (`real/andi/1.jpg`), else by what their names begin with
 * (`real/andi_1.jpg`, `fake/0007-screen-2.png`), else by their names without the number at the end. A person's real and fake
 * pictures are one group. Where the names tell nothing, each picture stands for itself, and a notice says so.
 */
export function groupFaceRows(rows: readonly FileRow[]): GroupedRows {
  for (const naming of NAMINGS) {
    const keys = rows.map(({ id }) => naming(id))
    if (!isUsable(rows, keys)) continue
    const groups = new Set(keys).size
    // As many groups as rows: the names are numbers, not persons.
    if (groups === rows.length) break
    return {
      rows: rows.map((row, i) => ({ ...row, group: keys[i]! })),
      notices: [`${groups} persons or sources were told apart by the names of folders and files.`],
    }
  }
  return {
    rows: rows.map((row) => ({ ...row, group: null })),
    notices: [
      'The names do not tell persons apart, so that one person may stand in several parts and the figures may flatter: ' +
        'put each person’s pictures into a folder of their own (real/<person>/…, fake/<person>/…).',
    ],
  }
}

const folderOf: Naming = (id) => id.split('/').slice(1, -1).at(-1) ?? ''
const stemOf: Naming = (id) =>
  id
    .split('/')
    .at(-1)!
    .replace(/\.[^.]*$/, '')
const inFolder =
  (naming: Naming): Naming =>
  (id) =>
    folderOf(id) === '' ? naming(id) : folderOf(id)
const SEPARATOR = /[_\-. ()]+/
const NUMBER = /[_\-. ()]*\d+\)?$/

/** Tried in this order: `andi1` and `andi_1` are of andi; `p12_1` of p12; `cam_office_1` of cam_office. */
const NAMINGS: readonly Naming[] = [
  inFolder((id) => stemOf(id).split(SEPARATOR, 1)[0]!.replace(NUMBER, '')),
  // A name of one part is that of the picture.
  inFolder((id) => (SEPARATOR.test(stemOf(id)) ? stemOf(id).split(SEPARATOR, 1)[0]! : id)),
  inFolder((id) => stemOf(id).replace(NUMBER, '')),
]

function isUsable(rows: readonly FileRow[], keys: readonly string[]): boolean {
  const sizes = [...Map.groupBy(keys, (key) => key)].map(([, own]) => own.length)
  if (Math.max(...sizes) > rows.length * LARGEST_PART) return false
  const classes = Map.groupBy(rows.keys(), (row) => rows[row]!.label).values()
  return [...classes].every((own) => new Set(own.map((row) => keys[row]!)).size >= LEAST_GROUPS)
}
