// A user's model files → a version of a service: read, fitted to the service, tried, compared where there is something to
// compare with, and added. Serving it is a promotion, as of any version.
import { DugaError } from '../errors.ts'
import type { Adopt, Adopted, AdoptRequest } from '../importers/adopt.ts'
import { importFiles } from '../importers/import-files.ts'
import type { ImportOptions, ModelFile } from '../importers/importer.ts'
import { readLabels } from '../importers/labels.ts'
import type { Json } from '../json.ts'
import type { AddVersion } from '../registry/add-version.ts'
import type { Registry } from '../registry/registry.ts'
import type { Tensor, Tensors } from '../tensor/tensor.ts'
import { GOLDEN_TOLERANCE, type ImportReport, tryModel } from './import-report.ts'
import { readNpy } from './read-npy.ts'

export interface ImportVersion extends ImportOptions {
  /** Path of a file of class names. */
  readonly labels?: string
  /** Class names themselves, by output index. */
  readonly names?: readonly string[]
  readonly settings: Readonly<Record<string, Json>>
  /** Paths of .npy files: an input, and the output that is expected of it. */
  readonly check?: { readonly input: string; readonly output: string }
}

export interface ImportedVersion extends ImportReport {
  readonly version: string
  /** Largest difference from what was expected; null where nothing was. */
  readonly difference: number | null
}

/** Scores of the original and of the import may differ by this. */
const CHECK_TOLERANCE = 1e-4

/**
 * @param adopter URL of the module that exports `adopt`
 * @throws DugaError as importFiles; model.unfit, model.differs, labels.invalid
 */
export async function importVersion(
  registry: Pick<Registry, 'addVersion' | 'activeVersion'>,
  { service, adopter }: { readonly service: string; readonly adopter: URL | undefined },
  files: readonly (string | ModelFile)[],
  options: ImportVersion,
): Promise<ImportedVersion> {
  if (adopter === undefined) {
    throw new DugaError('model.unfit', { service, reason: 'it takes no models of others' })
  }
  const { models, labels } = await importFiles(files, options)
  const given = options.labels === undefined ? labels : await readLabels(options.labels)
  const named = options.names ?? given
  const { adopt } = (await import(adopter.href)) as { adopt: Adopt }
  const adopted = await fit(service, adopt, { models, labels: named, settings: options.settings })
  const expected = options.check && (await readCheck(options.check, adopted))
  const { report, golden, outputs } = await tryModel(adopted.model, expected?.feeds)
  const difference = expected ? compare(outputs, adopted, expected.output) : null
  const parent = (await registry.activeVersion(service))?.version ?? null
  const warnings = [...report.warnings, ...adopted.notices]
  const { version } = await registry.addVersion(
    service,
    toDraft(adopted, { parent, golden, warnings, sources: models.flatMap((one) => one.sources) }),
  )
  return { ...report, warnings, version, difference }
}

async function fit(service: string, adopt: Adopt, request: AdoptRequest): Promise<Adopted> {
  try {
    return await adopt(request)
  } catch (cause) {
    // So readers of manifests refuse a value; here the user said it.
    if (!(cause instanceof TypeError)) throw cause
    throw new DugaError('model.unfit', { service, reason: cause.message }, { cause })
  }
}

function toDraft(
  adopted: Adopted,
  rest: {
    readonly parent: string | null
    readonly golden: Uint8Array
    readonly warnings: readonly string[]
    readonly sources: readonly string[]
  },
): AddVersion {
  const { model, labels, decode, answer, files, maxBatch } = adopted
  const { parent, golden, warnings, sources } = rest
  return {
    manifest: {
      parent,
      inputs: model.inputs,
      outputs: model.outputs,
      maxBatch,
      labels,
      decode,
      answer,
      golden: { file: 'golden', tolerance: GOLDEN_TOLERANCE },
      metrics: {},
      origin: {
        ...{ imported: model.format, files: [...sources], notices: [...warnings] },
        ...model.origin,
      },
    },
    files: {
      model: { name: 'model.onnx', bytes: model.graph },
      ...files,
      golden: { name: 'golden.safetensors', bytes: golden },
    },
    card: toCard(adopted, sources, warnings),
  }
}

function toCard(
  { model, labels }: Adopted,
  sources: readonly string[],
  warnings: readonly string[],
): string {
  const lines = [
    `Imported from ${sources.join(', ')} (${model.format}).`,
    '',
    `${model.layers.length} layers, ${model.parameters} parameters${labels === null ? '' : `, ${labels.length} classes`}.`,
    '',
    'How good it is was not measured here: `npx duga evaluate` does, on labelled data.',
    ...(warnings.length === 0
      ? []
      : ['', 'Taken for granted:', '', ...warnings.map((w) => `- ${w}`)]),
  ]
  return `${lines.join('\n')}\n`
}

async function readCheck(
  { input, output }: NonNullable<ImportVersion['check']>,
  { model }: Adopted,
): Promise<{ readonly feeds: Tensors; readonly output: Tensor }> {
  const [port, ...others] = model.inputs
  if (port === undefined || others.length > 0) {
    throw new DugaError('model.unreadable', { reason: 'only a model of one input can be compared' })
  }
  const given = await readNpy(input)
  const data = port.type === 'uint8' ? Uint8Array.from(given.data as Float32Array) : given.data
  return {
    feeds: { [port.name]: { ...given, type: port.type, data } },
    output: await readNpy(output),
  }
}

/** @throws DugaError model.differs */
function compare(outputs: Tensors, { model }: Adopted, expected: Tensor): number {
  const { data } = outputs[model.outputs[0]!.name]!
  let worst = data.length === expected.data.length ? 0 : Number.POSITIVE_INFINITY
  for (let at = 0; at < expected.data.length && Number.isFinite(worst); at += 1) {
    const by = Math.abs(Number(data[at]) - Number(expected.data[at]))
    worst = Number.isNaN(by) ? Number.POSITIVE_INFINITY : Math.max(worst, by)
  }
  if (worst <= CHECK_TOLERANCE) return worst
  throw new DugaError('model.differs', { difference: worst, tolerance: CHECK_TOLERANCE })
}
