// Files of one model → its ONNX graph, data files and manifest, for use outside of any service.
import { createHash } from 'node:crypto'
import { DugaError } from '../errors.ts'
import { importFiles } from '../importers/import-files.ts'
import type { ImportOptions } from '../importers/importer.ts'
import { readLabels } from '../importers/labels.ts'
import type { Manifest, ManifestFile } from '../manifest.ts'
import { GOLDEN_TOLERANCE, type ImportReport, tryModel } from './import-report.ts'

export interface ConvertedModel extends ImportReport {
  /** By role; `model` is the graph. */
  readonly files: Readonly<Record<string, { readonly name: string; readonly bytes: Uint8Array }>>
  /** As of a version, but of no service and without a number. */
  readonly manifest: Omit<Manifest, 'service' | 'version' | 'created' | 'parent'>
}

export interface ConvertOptions extends ImportOptions {
  /** Path of a file of class names. */
  readonly labels: string | null
}

/** @throws DugaError as {@link importFiles}; model.unreadable where the files are of more than one model */
export async function convertModel(
  paths: readonly string[],
  options: ConvertOptions,
): Promise<ConvertedModel> {
  const { models, labels } = await importFiles(paths, options)
  const [model, ...others] = models
  if (model === undefined || others.length > 0) {
    const reason = `the files hold ${models.length} models; convert them one by one`
    throw new DugaError('model.unreadable', { reason })
  }
  const named = options.labels === null ? labels : await readLabels(options.labels)
  const { report, golden } = await tryModel(model)
  const files = {
    model: { name: 'model.onnx', bytes: model.graph },
    ...model.files,
    golden: { name: 'golden.safetensors', bytes: golden },
  }
  const manifest: ConvertedModel['manifest'] = {
    format: 1,
    files: Object.fromEntries(Object.entries(files).map(([role, file]) => [role, describe(file)])),
    inputs: model.inputs,
    outputs: model.outputs,
    maxBatch: model.inputs[0]?.shape[0] ?? 16,
    labels: named ?? model.labels,
    decode: model.decode,
    answer: model.answer,
    golden: { file: 'golden', tolerance: GOLDEN_TOLERANCE },
    metrics: {},
    origin: { format: model.format, files: [...model.sources], ...model.origin },
  }
  return { ...report, files, manifest }
}

function describe({ name, bytes }: { name: string; bytes: Uint8Array }): ManifestFile {
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { name, sha256, bytes: bytes.length }
}
