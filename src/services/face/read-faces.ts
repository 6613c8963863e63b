// A folder with real/ and fake/ → its pictures with the faces cut out of them, persons told apart.
import { basename } from 'node:path'
import { DugaError } from '../../errors.ts'
import { checkClasses } from '../../train/data/check-classes.ts'
import { readMediaFolder } from '../../train/data/read-media-folder.ts'
import type { FileRow, Skipped } from '../../train/data/row.ts'
import { groupFaceRows } from '../../train/face/group-rows.ts'
import { LEAST_FACES } from '../../train/face/recipe.ts'
import type { TrainContext } from '../../train/task.ts'
import { FACE_CLASSES } from './judge.ts'
import { type ReadCropsOptions, readCrops } from './read-crops.ts'

export interface ReadFacesOptions extends Omit<ReadCropsOptions, 'manifest' | 'paths'> {
  readonly incumbent: NonNullable<TrainContext['incumbent']>
}

export interface ReadFaces {
  /** Those with a face, in the order of their ids. */
  readonly pictures: readonly FileRow[]
  /** The same rows, each the file of its crops. */
  readonly crops: readonly FileRow[]
  readonly skipped: readonly Skipped[]
  readonly notices: readonly string[]
}

/**
 * @throws DugaError training.unreadable, training.no-files, training.one-class, training.too-few-rows (faces of a class);
 * the signal's reason
 */
export async function readFaces(
  source: string,
  { incumbent, ...options }: ReadFacesOptions,
): Promise<ReadFaces> {
  const { signal } = options
  const known = FACE_CLASSES
  const set = await readMediaFolder(source, { kind: 'picture', known, needed: 0, signal })
  const isOurs = ({ label }: FileRow) => known.includes(label)
  const rows = set.rows.filter(isOurs)
  if (rows.length === 0) {
    const what = 'pictures, real and fake,'
    throw new DugaError('training.no-files', { folder: basename(source), what })
  }
  check(rows, source)
  const strangers = set.rows.filter((row) => !isOurs(row))
  const { crops, skipped } = await readCrops(rows, { ...options, ...incumbent })
  check(crops, source)
  const read = new Set(crops.map(({ id }) => id))
  const grouped = groupFaceRows(rows.filter(({ id }) => read.has(id)))
  return {
    pictures: grouped.rows,
    crops: crops.map((row, i) => ({ ...row, group: grouped.rows[i]!.group })),
    skipped: [
      ...set.skipped,
      ...strangers.map(({ id }) => ({ file: id, reason: 'it lies in neither real/ nor fake/' })),
      ...skipped,
    ],
    notices: [...set.notices, ...grouped.notices],
  }
}

function check(rows: readonly FileRow[], source: string): void {
  const labels = rows.map(({ label }) => label)
  checkClasses(labels, basename(source), LEAST_FACES)
}
