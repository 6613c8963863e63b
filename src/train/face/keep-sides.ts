// Sides of rows over several trainings: a version that is tuned again starts from weights that have seen pictures, and these
// must be no test of what comes out. So a picture keeps the side that it once had, and its group goes with it.
import { DugaError } from '../../errors.ts'
import { joinDuplicates } from '../data/duplicates.ts'
import type { DataRow } from '../data/row.ts'
import { type Side, type Split, splitRows } from '../data/split-rows.ts'

/** Side by content, from earlier trainings. */
export type KnownSides = ReadonlyMap<string, Side>

/** What has been trained on stays so, whatever stands beside it. */
const STRONGEST: readonly Side[] = ['train', 'validation', 'test']

/** @throws DugaError training.no-held-out where a class has no row on a side */
export function keepSides(rows: readonly DataRow[], known: KnownSides, seed: number): Split {
  const fresh = splitRows(rows, { seed })
  const split = known.size === 0 ? fresh : withKnown(rows, known, seed, fresh)
  for (const side of STRONGEST) {
    for (const category of new Set(rows.map(({ label }) => label))) {
      const has = rows.some(({ label }, i) => label === category && split.sides[i] === side)
      if (!has) throw new DugaError('training.no-held-out', { category, side })
    }
  }
  return split
}

function withKnown(
  rows: readonly DataRow[],
  known: KnownSides,
  seed: number,
  { sides: usual, notices }: Split,
): Split {
  const groups = joinDuplicates(rows)
  const sides: (Side | null)[] = rows.map(({ contentHash }) => known.get(contentHash) ?? null)
  const kept = sides.filter((side) => side !== null).length
  if (kept === 0) return { sides: usual, notices }
  for (const [group, own] of Map.groupBy(rows.keys(), (row) => groups[row])) {
    if (group === null) continue
    const strongest = STRONGEST.find((side) => own.some((row) => sides[row] === side)) ?? null
    for (const row of own) sides[row] = strongest
  }
  const left = [...rows.keys()].filter((row) => sides[row] === null)
  const split = splitRows(
    left.map((row) => rows[row]!),
    { seed },
  )
  for (const [i, row] of left.entries()) sides[row] = split.sides[i]!
  const notice = `${kept} pictures are known from earlier trainings and keep the part that they had.`
  return { sides: sides as Side[], notices: [...notices, notice] }
}
