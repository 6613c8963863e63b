// What a StringLookup or IntegerLookup knows: its tokens in order, from the configuration or from the file's assets.
import { hasFlag, numberOf, unsupported } from './layer-call.ts'
import type { LayerConfig } from './model-config.ts'
import type { LayerWeights } from './weights.ts'

type Token = string | number

export interface Vocabulary {
  /** Without what stands for a mask and for unknown tokens. */
  readonly tokens: readonly Token[]
  /** Before the tokens where indices are counted from it; null: none. */
  readonly mask: Token | null
  /** How many indices unknown tokens have, after that of the mask. */
  readonly unknowns: number
  readonly unknown: Token
}

export const LOOKUPS: ReadonlySet<string> = new Set(['StringLookup', 'IntegerLookup'])

/** @throws DugaError model.unsupported-layer where the file does not hold the tokens */
export function readVocabulary(layer: LayerConfig, weights: LayerWeights): Vocabulary {
  const { config, kind } = layer
  const whole = kind === 'IntegerLookup'
  const unknowns = numberOf(layer, 'num_oov_indices', 1)
  if (!Number.isInteger(unknowns) || unknowns < 0 || unknowns > 2 ** 24) {
    throw unsupported(layer, `its "num_oov_indices" is ${unknowns}`)
  }
  const mask = toToken(layer, config.mask_token ?? null)
  const unknown = toToken(layer, config.oov_token ?? (whole ? -1 : '[UNK]'))!
  const stored = Array.isArray(config.vocabulary) ? config.vocabulary : weights.vocabulary()
  if (stored === null) {
    throw unsupported(layer, 'its vocabulary is not in the file; save the model as .keras')
  }
  const all = stored.map((token) => toToken(layer, token)!)
  const special = [...(mask === null ? [] : [mask]), ...new Array<Token>(unknowns).fill(unknown)]
  // Files of the assets begin with the special tokens, lists in the configuration may.
  const begins = special.length > 0 && special.every((token, index) => all[index] === token)
  const tokens = begins ? all.slice(special.length) : all
  if (new Set(tokens).size !== tokens.length) {
    throw unsupported(layer, 'its vocabulary holds a token twice')
  }
  return { tokens, mask, unknowns, unknown }
}

/** What each index stands for, when the layer turns indices back into tokens. */
export function namesOf({ tokens, mask, unknowns, unknown }: Vocabulary): readonly string[] {
  const special = [...(mask === null ? [] : [mask]), ...new Array<Token>(unknowns).fill(unknown)]
  return [...special, ...tokens].map(String)
}

export const isInverse = ({ config }: LayerConfig): boolean => hasFlag(config, 'invert', false)

function toToken(layer: LayerConfig, value: unknown): Token | null {
  if (value === null) return null
  if (layer.kind === 'StringLookup' && typeof value === 'string') return value
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (layer.kind === 'IntegerLookup' && Number.isSafeInteger(number)) return Number(number)
  throw unsupported(layer, `its vocabulary holds ${JSON.stringify(value)?.slice(0, 40)}`)
}
