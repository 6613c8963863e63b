// The product service: a product's name as shops write it → its category.

import { defineService, moduleUrl } from '../../engine/service.ts'
import type { Manifest } from '../../manifest.ts'
import type { Tensors } from '../../tensor/tensor.ts'
import type { ProductInput } from './decode.ts'

export interface ProductAnswer {
  readonly predicted_category: string
  /** Probability of that category, 0..1. */
  readonly prediction_score: number
  /** At most 12, best first. */
  readonly top_predictions: readonly { readonly category: string; readonly score: number }[]
}

const MOST = 12

export const product = defineService<ProductInput, ProductAnswer>({
  name: 'product',
  title: 'Product-name categorisation',
  port: 8000,
  input: 'json',
  execution: 'inline',
  decoder: moduleUrl(import.meta.url, 'decode'),
  answer: (outputs, { manifest }) => toAnswer(outputs, manifest),
  label: ({ predicted_category }) => predicted_category,
  confidence: ({ prediction_score }) => prediction_score,
  fromArgument: (argument) => ({ product_name: argument }),
})

function toAnswer(outputs: Tensors, { labels, outputs: ports }: Manifest): ProductAnswer {
  const scores = outputs[ports[0]!.name]!.data as Float32Array
  const order = Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]!)
  const top = order.slice(0, MOST).map((i) => ({
    category: labels?.[i] ?? String(i),
    // Float32 arithmetic may pass 1 by its last bit.
    score: Math.min(Math.round(scores[i]! * 1e6) / 1e6, 1),
  }))
  const [best] = top
  return {
    predicted_category: best!.category,
    prediction_score: best!.score,
    top_predictions: top,
  }
}
