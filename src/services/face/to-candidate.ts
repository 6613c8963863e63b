// A tuned face classifier → the manifest and the files of a version. It keeps the detector and the crop of the version that
// it was tuned from, and remembers which pictures stood in which part.
import { readFile } from 'node:fs/promises'
import { gunzipSync, gzipSync, strFromU8, strToU8 } from 'fflate'
import { loadSession } from '../../engine/runtime.ts'
import type { Json } from '../../json.ts'
import type { Manifest } from '../../manifest.ts'
import { createGolden, GOLDEN_TOLERANCE } from '../../registry/models/seeded-golden.ts'
import { dataHash } from '../../train/data/frozen-dataset.ts'
import type { FileRow } from '../../train/data/row.ts'
import type { Side } from '../../train/data/split-rows.ts'
import type { KnownSides } from '../../train/face/keep-sides.ts'
import { evaluate } from '../../train/report/evaluate.ts'
import type { EvaluationInput } from '../../train/report/evaluation-input.ts'
import type { Candidate, TrainContext } from '../../train/task.ts'
import type { Transferred } from '../../train/transfer/learn.ts'
import { toCropSpec } from './crop-spec.ts'
import type { JudgedFaces } from './judge.ts'

export interface CandidateParts {
  readonly learned: Pick<Transferred, 'scale' | 'bestEpoch'>
  readonly judged: JudgedFaces
  readonly incumbent: NonNullable<TrainContext['incumbent']>
  /** The pictures by side. */
  readonly parts: Readonly<Record<Side, readonly FileRow[]>>
  readonly evaluation: EvaluationInput
  readonly parameters: { readonly [key: string]: Json }
  readonly card: string
}

/** What a manifest keeps of the figures. */
const METRICS = ['accuracy', 'balanced_accuracy', 'f1', 'roc_auc', 'expected_calibration_error']

export async function toCandidate(options: CandidateParts): Promise<Candidate> {
  const { learned, judged, incumbent, parts, evaluation, parameters, card } = options
  const { manifest, paths } = incumbent
  const metrics = evaluate(evaluation).metrics
  const rows = [...parts.train, ...parts.validation, ...parts.test]
  const count = (side: Side) => parts[side].length
  const crop = toCropSpec(manifest)
  const sides = await joinSides(paths.sides, parts)
  const seen = sides.filter(([, side]) => side !== 'test').map(([hash]) => hash)
  const golden = paths[manifest.golden?.file ?? '']
  return {
    manifest: {
      ...{ inputs: manifest.inputs, maxBatch: manifest.maxBatch, decode: manifest.decode },
      ...judged.spec,
      golden: { file: 'golden', tolerance: GOLDEN_TOLERANCE },
      metrics: Object.fromEntries(
        METRICS.filter((name) => name in metrics).map((name) => [name, metrics[name]!]),
      ),
      origin: {
        ...baseOf(manifest),
        data: dataHash(rows),
        rows: { train: count('train'), validation: count('validation'), test: count('test') },
        ...{ parameters, best_epoch: learned.bestEpoch },
        calibration: { method: 'temperature', scale: learned.scale },
        threshold: { method: 'equal error rate of validation pictures', value: judged.threshold },
      },
    },
    files: {
      model: { name: 'model.onnx', content: judged.model },
      ...(crop !== null && {
        [crop.detector]: {
          name: manifest.files[crop.detector]!.name,
          content: await readFile(paths[crop.detector]!),
        },
      }),
      golden: {
        name: 'golden.safetensors',
        content: await replay(judged.model, golden === undefined ? null : await readFile(golden)),
      },
      sides: { name: 'sides.json.gz', content: pack(Object.fromEntries(sides)) },
      seen: { name: 'seen.json.gz', content: pack(seen) },
    },
    card,
  }
}

/** @param path of the version's file `sides`; one that was not tuned here has none */
export async function readSides(path: string | undefined): Promise<KnownSides> {
  if (path === undefined) return new Map()
  return new Map(
    Object.entries(JSON.parse(strFromU8(gunzipSync(await readFile(path)))) as Record<string, Side>),
  )
}

/** Those of earlier trainings stay known, even where their pictures are gone. */
async function joinSides(
  path: string | undefined,
  parts: CandidateParts['parts'],
): Promise<readonly (readonly [string, Side])[]> {
  const known = new Map(await readSides(path))
  for (const [side, rows] of Object.entries(parts) as [Side, readonly FileRow[]][]) {
    for (const { contentHash } of rows) known.set(contentHash, side)
  }
  return [...known].toSorted(([a], [b]) => (a < b ? -1 : 1))
}

const pack = (value: Json): Uint8Array => gzipSync(strToU8(JSON.stringify(value)), { mtime: 0 })

/** Where the first weights come from, through all tunings. */
function baseOf({ origin, version }: Manifest): { readonly [key: string]: Json } {
  const { base, name, licence, sources } = origin
  const own = {
    version,
    ...(name !== undefined && { name }),
    ...(licence !== undefined && { licence }),
    ...(sources !== undefined && { sources }),
  }
  return { base: base ?? own, ...(licence !== undefined && { licence }) }
}

async function replay(model: Uint8Array, earlier: Uint8Array | null): Promise<Uint8Array> {
  const session = await loadSession(model)
  try {
    return await createGolden(session, earlier)
  } finally {
    await session.release()
  }
}
