// Rows that tests record: whole and valid, changed where a test says so.
import type { Manifest } from '../../src/manifest.ts'
import type { NewPrediction } from '../../src/store/prediction-row.ts'

/** 2026-01-01T00:00:00Z, in milliseconds. */
export const T0 = Date.UTC(2026, 0, 1)

export function prediction(given: Partial<NewPrediction> = {}): NewPrediction {
  return {
    service: 'dog',
    version: 'v1.0.0',
    timestamp: T0,
    input: 'a.jpg',
    answer: { predicted_breed: 'Beagle' },
    label: 'Beagle',
    confidence: 0.9,
    durationMs: 12.5,
    client: null,
    userId: null,
    ...given,
  }
}

export function manifest(service: string, version: string): Manifest {
  return {
    format: 1,
    service,
    version,
    created: new Date(T0).toISOString(),
    parent: null,
    files: {},
    inputs: [],
    outputs: [],
    maxBatch: 8,
    labels: null,
    decode: {},
    answer: {},
    golden: null,
    metrics: {},
    origin: {},
  }
}
