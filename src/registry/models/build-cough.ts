// The default cough model, trained from the shared recordings: the same recordings give the same bytes on the same machine.
// Held out: a whole fold of ESC-10, and a quarter of the voice-message coughs.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { DugaError } from '../../errors.ts'
import { learnCough } from '../../train/cough/learn.ts'
import { COUGH_DECODE, COUGH_RECIPE } from '../../train/cough/recipe.ts'
import { toCandidate } from '../../train/cough/to-candidate.ts'
import { readMediaFolder } from '../../train/data/read-media-folder.ts'
import type { DataRow } from '../../train/data/row.ts'
import type { Side } from '../../train/data/split-rows.ts'
import type { BuiltModel } from './catalog-entry.ts'
import { fromCandidate } from './from-candidate.ts'

const SEED = 42

/**
 * @param folder `cough/` and `non-cough/`
 * @param onProgress what it is doing
 * @throws DugaError training.unreadable where the recordings are not there
 */
export async function buildCough(
  folder: string,
  onProgress: (message: string) => void = () => {},
): Promise<BuiltModel> {
  if (!existsSync(folder)) {
    const reason = 'the recordings that the default model is made of are not there'
    throw new DugaError('training.unreadable', { file: '../shared/data/cough', reason })
  }
  onProgress('reading recordings')
  const set = await readMediaFolder(folder, { kind: 'audio', groupOf: sourceOf })
  let said = ''
  const learned = await learnCough({
    ...{ rows: set.rows, classes: set.classes, sides: set.rows.map(sideOf) },
    ...{ decode: COUGH_DECODE, recipe: COUGH_RECIPE, seed: SEED },
    // Sums are made in another order by another number of threads.
    threads: 1,
    signal: new AbortController().signal,
    progress: (_, message) => {
      if (message !== said) onProgress(message)
      said = message
    },
  })
  return fromCandidate(await toCandidate(learned, ''))
}

/** ESC-10's clips of one source: `dog-bark_4-182395-A.ogg` is a take of 182395. */
export function sourceOf(id: string): string | null {
  return /_\d-(\d+)-[A-Z]\.ogg$/.exec(id)?.[1] ?? null
}

/** Exported for the tests of the default model. */
export function sideOf({ id, group }: Pick<DataRow, 'id' | 'group'>): Side {
  if (/_4-\d+-[A-Z]\.ogg$/.test(id)) return 'test'
  if (id.includes('/telegram-') && placeOf(`test${id}`) < 0.25) return 'test'
  return placeOf(`val${group ?? id}`) < 0.18 ? 'validation' : 'train'
}

/** Equally spread over 0..1. */
function placeOf(name: string): number {
  const digest = createHash('sha256').update(`${SEED}\n${name}`).digest()
  return digest.readUIntBE(0, 6) / 2 ** 48
}
