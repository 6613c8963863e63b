// What a cough model's manifest says of its picture, read once and checked. Left out, a value is
// that of the models that users have.
import type { Json } from '../../json.ts'
import type { Manifest } from '../../manifest.ts'
import type { MelSpec } from '../../tensor/mel.ts'

export interface CoughSpec extends MelSpec {
  readonly inputName: string
  /** Only the first so many seconds of a recording are heard. */
  readonly maxSeconds: number
  /** Width of the picture: longer ones are cut, shorter ones padded with 0 dB on the right. */
  readonly frames: number
  /** Zero mean and unit deviation over the whole picture. */
  readonly standardise: boolean
  /** `[1, mels, frames, 1]` or `[1, 1, mels, frames]`. */
  readonly layout: 'NHWC' | 'NCHW'
}

/** What a manifest says of it. */
type Described = Pick<Manifest, 'decode' | 'inputs'>

const specs = new WeakMap<Described, CoughSpec>()

/**
 * Reads `decode` (`sampleRate`, `maxSeconds`, `nFft`, `hop`, `mels`, `frames`, `standardise`,
 * `layout`) of a manifest.
 * @throws TypeError naming the key and what it may be
 */
export function toCoughSpec(manifest: Described): CoughSpec {
  const known = specs.get(manifest)
  if (known) return known
  const spec = readSpec(manifest)
  specs.set(manifest, spec)
  return spec
}

function readSpec({ decode, inputs }: Described): CoughSpec {
  const integer = (key: string, otherwise: number, min: number, max: number) => {
    return toInteger(decode[key], otherwise, `decode.${key}`, min, max)
  }
  const [input] = inputs
  if (!input) throw new TypeError('The manifest names no input.')
  const nFft = integer('nFft', 2048, 16, 65_536)
  if (!Number.isInteger(Math.log2(nFft))) throw new TypeError('decode.nFft must be a power of two.')
  const { layout = 'NHWC', standardise = true } = decode
  if (layout !== 'NHWC' && layout !== 'NCHW') {
    throw new TypeError('decode.layout must be "NHWC" or "NCHW".')
  }
  if (typeof standardise !== 'boolean') {
    throw new TypeError('decode.standardise must be true or false.')
  }
  return {
    inputName: input.name,
    sampleRate: integer('sampleRate', 22_050, 1_000, 192_000),
    maxSeconds: integer('maxSeconds', 10, 1, 600),
    nFft,
    hop: integer('hop', 512, 1, nFft),
    mels: integer('mels', 128, 1, 512),
    frames: integer('frames', 256, 1, 65_536),
    standardise,
    layout,
  }
}

function toInteger(
  value: Json | undefined,
  otherwise: number,
  name: string,
  min: number,
  max: number,
): number {
  if (value === undefined) return otherwise
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) {
    return value
  }
  throw new TypeError(`${name} must be a whole number from ${min} to ${max}.`)
}
