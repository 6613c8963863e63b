// Replays the recorded input of a version and compares with the recorded output, before the version may serve.
import { readFile } from 'node:fs/promises'
import { DugaError } from '../errors.ts'
import type { Manifest, VersionFiles } from '../manifest.ts'
import { decodeSafetensors } from '../tensor/safetensors.ts'
import type { Tensor, Tensors } from '../tensor/tensor.ts'
import { type Run, runBatch } from './batch-run.ts'

/**
 * Runs `input.<name>` of the golden file and checks every `output.<name>`: |actual − expected| may be at most
 * tolerance × max(1, |expected|).
 *
 * @throws DugaError `golden.mismatch` with the first output that differs and its worst element
 */
export async function replayGolden(
  { manifest, paths }: VersionFiles,
  golden: NonNullable<Manifest['golden']>,
  run: Run,
): Promise<void> {
  const path = paths[golden.file]
  if (path === undefined) {
    const reason = `the golden file (role ${golden.file})`
    const { service, version } = manifest
    throw new DugaError('model.incomplete', { service, version, reason })
  }
  const stored = decodeSafetensors(await readFile(path))
  const feeds = withPrefix(stored, 'input.')
  const rows = Object.values(feeds)[0]?.dims[0] ?? 0
  const [outcome] = await runBatch(run, [{ rows, feeds }], manifest.maxBatch)
  if (!outcome!.ok) throw outcome!.error
  for (const [name, expected] of Object.entries(withPrefix(stored, 'output.'))) {
    const difference = compare(outcome!.outputs[name], expected, golden.tolerance)
    if (difference !== null) {
      const { service, version } = manifest
      throw new DugaError('golden.mismatch', { service, version, output: name, difference })
    }
  }
}

/** @returns null where equal within the tolerance, else what differs most */
function compare(actual: Tensor | undefined, expected: Tensor, tolerance: number): string | null {
  if (actual === undefined) return 'the model has no such output'
  if (actual.type !== expected.type || actual.dims.join() !== expected.dims.join()) {
    return `${describe(actual)} instead of ${describe(expected)}`
  }
  let worst = -1
  let excess = 0
  for (let i = 0; i < expected.data.length; i += 1) {
    const is = Number(actual.data[i])
    const should = Number(expected.data[i])
    if (Object.is(is, should)) continue
    const by = Math.abs(is - should) / Math.max(1, Math.abs(should))
    // NaN compares false with everything: written so that it counts as a difference.
    if (!(by <= tolerance) && !(by <= excess)) {
      excess = by
      worst = i
    }
  }
  if (worst < 0) return null
  return `element ${worst} is ${actual.data[worst]}, recorded ${expected.data[worst]}`
}

function describe({ type, dims }: Tensor): string {
  return `${type} [${dims.join(', ')}]`
}

function withPrefix(tensors: Tensors, prefix: string): Tensors {
  const entries = Object.entries(tensors).filter(([name]) => name.startsWith(prefix))
  return Object.fromEntries(entries.map(([name, tensor]) => [name.slice(prefix.length), tensor]))
}
