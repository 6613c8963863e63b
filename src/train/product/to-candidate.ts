// A fitted classifier and its rows → the files and the manifest of a version.
import { createLinearTextGraph } from '../../onnx/linear-text-graph.ts'
import { writeModel } from '../../onnx/model.ts'
import { encodeSafetensors } from '../../tensor/safetensors.ts'
import { createNameEncoder } from '../../tensor/text/name-encoder.ts'
import { type ClassificationMetrics, classificationMetrics } from '../classification-metrics.ts'
import type { Candidate } from '../task.ts'
import type { NameClassifier } from './fit-classifier.ts'
import type { ProductRecipe } from './recipe.ts'
import type { ProductRow } from './row.ts'
import { encodeRows } from './rows-file.ts'

export interface CandidateParts {
  readonly classifier: NameClassifier
  readonly recipe: ProductRecipe
  readonly rows: readonly ProductRow[]
  readonly seed: number
  /** The metrics are empty where no row was held out. */
  readonly card: (metrics: Partial<ClassificationMetrics>) => string
}

/** The golden file replays the first names of the categories. */
export function toCandidate({ classifier, recipe, rows, seed, card }: CandidateParts): Candidate {
  const { labels, vocabulary, model } = classifier
  const test = rows.filter(({ split }) => split === 'test')
  const scored = test.map(({ name, category }) => ({
    label: labels.indexOf(category),
    scores: classifier.score(name),
  }))
  const metrics = scored.length === 0 ? {} : classificationMetrics(scored)
  const vectorizers = recipe.vectorizers.map(({ analyzer, ngramRange, maxFeatures }) => ({
    ...{ analyzer, ngramRange, maxFeatures },
  }))
  return {
    manifest: {
      inputs: [
        { name: 'ids', type: 'int64', shape: [null, null] },
        { name: 'weights', type: 'float32', shape: [null, null] },
      ],
      outputs: [{ name: 'probabilities', type: 'float32', shape: [null, labels.length] }],
      maxBatch: 256,
      labels,
      decode: { clean: { ...recipe.clean }, lemmas: false },
      answer: {},
      golden: { file: 'golden', tolerance: 1e-5 },
      metrics: { ...metrics },
      origin: {
        rows: { train: rows.length - test.length, test: test.length },
        parameters: { c: recipe.c, folds: recipe.folds, tolerance: recipe.tolerance, seed },
        vectorizers,
        calibration: 'temperature',
      },
    },
    files: {
      model: { name: 'model.onnx', content: writeModel(createLinearTextGraph(model)) },
      vocabulary: { name: 'vocabulary.json', content: toBytes(JSON.stringify(vocabulary)) },
      rows: { name: 'rows.csv.gz', content: encodeRows(rows) },
      golden: { name: 'golden.safetensors', content: createGolden(classifier, recipe, rows) },
    },
    card: card(metrics),
  }
}

function createGolden(
  { labels, vocabulary, score }: NameClassifier,
  recipe: ProductRecipe,
  rows: readonly ProductRow[],
): Uint8Array {
  const encode = createNameEncoder(recipe.clean, vocabulary)
  const names = labels.slice(0, 8).map((label) => rows.find((r) => r.category === label)!.name)
  const encoded = names.map((name) => encode(name).row)
  const width = Math.max(1, ...encoded.map(({ ids }) => ids.length))
  const ids = new BigInt64Array(names.length * width)
  const weights = new Float32Array(names.length * width)
  for (const [i, row] of encoded.entries()) {
    for (const [k, id] of row.ids.entries()) {
      ids[i * width + k] = BigInt(id)
      weights[i * width + k] = row.values[k]!
    }
  }
  const dims = [names.length, width]
  const scores = Float32Array.from(names.flatMap((name) => [...score(name)]))
  return encodeSafetensors({
    'input.ids': { type: 'int64', dims, data: ids },
    'input.weights': { type: 'float32', dims, data: weights },
    'output.probabilities': {
      type: 'float32',
      dims: [names.length, labels.length],
      data: scores,
    },
  })
}

const toBytes = (text: string): Uint8Array => new TextEncoder().encode(text)
