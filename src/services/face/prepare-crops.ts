// A picture → the crops that the classifier would judge, as levels: what a training keeps of it. Runs in a thread; the
// face is found and cut out by the very decode that serves.
import { loadSession } from '../../engine/runtime.ts'
import type { DecodeContext } from '../../engine/service.ts'
import { DugaError } from '../../errors.ts'
import type { Manifest } from '../../manifest.ts'
import type { Prepare } from '../../train/data/prepare.ts'
import { readFrozen } from '../../train/data/read-frozen.ts'
import { toCropSpec } from './crop-spec.ts'
import { decode } from './decode.ts'

export interface CropSetup {
  /** Of the version that is tuned. */
  readonly manifest: Manifest
  /** Paths of its files by role. */
  readonly paths: Readonly<Record<string, string>>
}

/**
 * `crops` uint8 [n, height, width, 3], RGB: the rows that the model takes of the picture. Rows that throw image.*,
 * training.no-face or training.file-changed are left out.
 */
export async function createPrepare({ manifest, paths }: CropSetup): Promise<Prepare> {
  const crop = toCropSpec(manifest)
  const detector = crop && (await loadSession(paths[crop.detector]!))
  const levels = { ...manifest.decode, dtype: 'uint8', layout: 'NHWC', order: 'RGB' }
  const context: DecodeContext = {
    manifest: { ...manifest, decode: levels },
    run: async (_, feeds) => await detector!.run(feeds),
    file: async (role) => {
      throw new TypeError(`The face service reads no file "${role}"`)
    },
  }
  return async (row) => {
    const { feeds, extra } = await decode(await readFrozen(row), context)
    const found = extra as { readonly face: unknown } | undefined
    if (found?.face === null) throw new DugaError('training.no-face')
    return { crops: Object.values(feeds)[0]! }
  }
}
