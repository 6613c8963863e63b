// What a training made, as a default model that is to be committed.
import type { Candidate } from '../../train/task.ts'
import type { BuiltModel } from './catalog-entry.ts'

/** The card is written by hand. */
export function fromCandidate({ manifest, files }: Omit<Candidate, 'card'>): BuiltModel {
  const { model, golden, ...data } = files
  return {
    graphs: { model: model!.content },
    data,
    golden: golden!.content,
    labels: manifest.labels,
    maxBatch: manifest.maxBatch,
    decode: manifest.decode,
    answer: manifest.answer,
    metrics: manifest.metrics,
    origin: manifest.origin,
  }
}
