// How many rows of a model run together on one lane: what pays there, not what the graph could take.
import type { Manifest } from '../manifest.ts'

/** Values of one row above which it fills a thread by itself. */
const LARGE_ROW = 10_000

/**
 * Small rows go up to the manifest's `maxBatch`. Large ones (a picture, a spectrogram) only as many as there are threads:
 * on one thread eight pictures together take 1.1 times as long as one by one, and 160 MB more a lane.
 *
 * @param threads onnxruntime threads of a lane
 */
export function batchLimit({ inputs, maxBatch }: Manifest, threads: number): number {
  const values = inputs.reduce(
    (sum, { shape }) => sum + shape.slice(1).reduce<number>((size, n) => size * (n ?? 1), 1),
    0,
  )
  return values < LARGE_ROW ? maxBatch : Math.min(maxBatch, threads)
}
