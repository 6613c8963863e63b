// Product name → ids and weights of the terms it has. Training reads names through the same encoder.
import type { Decode, DecodeContext, Decoded } from '../../engine/service.ts'
import { DugaError } from '../../errors.ts'
import type { Manifest } from '../../manifest.ts'
import type { EncodedName } from '../../tensor/text/name-encoder.ts'
import { loadEncoder, toFeeds } from '../../train/product/load-encoder.ts'

export interface ProductInput {
  readonly product_name: string
}

/** Longest name in characters. */
export const MAX_NAME = 1000

type Encode = (name: string) => EncodedName

const encoders = new WeakMap<Manifest, Encode | Promise<Encode>>()

/**
 * One row: `ids` int64 [1, T] and `weights` float32 [1, T]. A name whose words the model has never seen is a row
 * of weight 0: its answer is what the model thinks of no evidence, with a low score.
 * @throws DugaError input.invalid where it is no text of at most 1,000 characters, product.no-usable-word
 */
export const decode: Decode<ProductInput> = (input, context) => {
  const name = input?.product_name
  if (typeof name !== 'string' || name.length > MAX_NAME) {
    const reason = `product_name must be text of at most ${MAX_NAME} characters`
    throw new DugaError('input.invalid', { reason })
  }
  const known = encoders.get(context.manifest) ?? load(context)
  return known instanceof Promise
    ? known.then((encode) => toDecoded(encode, name))
    : toDecoded(known, name)
}

function load({ manifest, file }: DecodeContext): Promise<Encode> {
  const loading = loadEncoder(manifest, file)
  encoders.set(manifest, loading)
  loading.then(
    (encode) => encoders.set(manifest, encode),
    () => encoders.delete(manifest),
  )
  return loading
}

function toDecoded(encode: Encode, name: string): Decoded {
  const { tokens, row } = encode(name)
  if (tokens.length === 0) throw new DugaError('product.no-usable-word')
  return { rows: 1, feeds: toFeeds(row) }
}
