// One hearing of a recording: its spectrogram → the picture that the network sees, as at serving or as another microphone,
// telephone or room would have given it. All on mel powers, so that no sound has to be made again each epoch.
import { hertzToMel } from '../../tensor/mel.ts'
import type { Draw } from '../augment/counter-random.ts'
import { maskSpectrogram } from '../augment/spectrogram-mask.ts'
import { createRandom } from '../random.ts'
import { BYTE_RANGE } from './prepare-mel.ts'
import type { MelClip } from './read-mels.ts'
import type { CoughDecode, MelAugmentation } from './recipe.ts'

/** A part of a clip; `start` and `frames` in frames. */
export interface Piece {
  readonly start: number
  readonly frames: number
}

/** The picture of a piece in dB, `bands × decode.frames`, as services/cough/decode.ts makes it. */
export function hearPlainly(clip: MelClip, piece: Piece, decode: CoughDecode): Float32Array {
  return pad(toLevels(toPowers(clip, piece)), clip.bands, piece.frames, decode.frames)
}

/** @param backgrounds recordings that may be mixed under any class */
export function hearOtherwise(
  clip: MelClip,
  decode: CoughDecode,
  augmentation: MelAugmentation,
  draw: Draw,
  backgrounds: readonly MelClip[],
): Float32Array {
  const { crop, background, noise, tilt, lowPass, mask } = augmentation
  const piece = draw.chance(crop.probability)
    ? drawPiece(clip, decode, crop.seconds, draw)
    : { start: 0, frames: Math.min(clip.frames, decode.frames) }
  const powers = toPowers(clip, piece)
  if (backgrounds.length > 0 && draw.chance(background.probability)) {
    const other = backgrounds[draw.integer(backgrounds.length)]!
    addBackground(powers, piece.frames, other, draw.between(...background.ratio), draw)
  }
  const gains = drawGains(decode, tilt, lowPass, draw)
  for (const [band, gain] of gains.entries()) {
    const end = (band + 1) * piece.frames
    for (let i = band * piece.frames; i < end; i++) powers[i]! *= gain
  }
  if (draw.chance(noise.probability)) {
    addNoise(powers, piece.frames, draw.between(...noise.ratio), draw)
  }
  const levels = toLevels(powers)
  maskSpectrogram(levels, clip.bands, piece.frames, mask, LEAST, draw)
  return pad(levels, clip.bands, piece.frames, decode.frames)
}

/** A random piece in which something is heard: a silent part of a cough is none. */
export function drawPiece(
  clip: MelClip,
  decode: CoughDecode,
  [least, largest]: readonly [number, number],
  draw: Draw,
): Piece {
  const wanted = Math.round((draw.between(least, largest) * decode.sampleRate) / decode.hop)
  const frames = Math.min(wanted, clip.frames, decode.frames)
  let best = { start: 0, loudness: -1 }
  for (let attempt = 0; attempt < TRIES && best.loudness < AUDIBLE; attempt++) {
    const start = draw.integer(clip.frames - frames + 1)
    const loudness = loudest(clip, start, frames)
    if (loudness > best.loudness) best = { start, loudness }
  }
  return { start: best.start, frames }
}

const TRIES = 6
/** Within 15 dB of the recording's loudest place. */
const AUDIBLE = Math.round(255 * (1 - 15 / BYTE_RANGE))
/** dB; the floor of services/cough/decode.ts. */
const LEAST = -80
const POWERS = Float32Array.from({ length: 256 }, (_, byte) =>
  byte === 0 ? 0 : 10 ** (((byte / 255 - 1) * BYTE_RANGE) / 10),
)

function loudest({ bands, frames: width, data }: MelClip, start: number, frames: number): number {
  let most = 0
  for (let band = 0; band < bands; band++) {
    const from = band * width + start
    for (let i = from; i < from + frames; i++) if (data[i]! > most) most = data[i]!
  }
  return most
}

function toPowers({ bands, frames: width, data }: MelClip, { start, frames }: Piece): Float32Array {
  const out = new Float32Array(bands * frames)
  for (let band = 0; band < bands; band++) {
    const from = band * width + start
    for (let i = 0; i < frames; i++) out[band * frames + i] = POWERS[data[from + i]!]!
  }
  return out
}

/** Decibels under the maximum, in place. Silence is 0 dB everywhere, as at serving. */
function toLevels(powers: Float32Array): Float32Array {
  const most = maximum(powers)
  const factor = 10 / Math.LN10
  const least = most * 10 ** (LEAST / 10)
  for (let i = 0; i < powers.length; i++) {
    const power = powers[i]!
    powers[i] = power > least ? factor * Math.log(power / most) : most === 0 ? 0 : LEAST
  }
  return powers
}

function maximum(values: Float32Array): number {
  let most = 0
  for (let i = 0; i < values.length; i++) if (values[i]! > most) most = values[i]!
  return most
}

/** On the right, with 0 dB. */
function pad(levels: Float32Array, bands: number, frames: number, width: number): Float32Array {
  if (frames === width) return levels
  const out = new Float32Array(bands * width)
  for (let band = 0; band < bands; band++) {
    out.set(levels.subarray(band * frames, (band + 1) * frames), band * width)
  }
  return out
}

/** Repeated from a random frame on; `ratio` is that of the mean powers. */
function addBackground(
  powers: Float32Array,
  frames: number,
  other: MelClip,
  ratio: number,
  draw: Draw,
): void {
  const from = draw.integer(other.frames)
  const whole = toPowers(other, { start: 0, frames: other.frames })
  const [own, under] = [mean(powers), mean(whole)]
  if (own === 0 || under === 0) return
  const factor = (own / under) * 10 ** (-ratio / 10)
  for (let band = 0; band < other.bands; band++) {
    for (let i = 0; i < frames; i++) {
      const at = band * other.frames + ((from + i) % other.frames)
      powers[band * frames + i]! += factor * whole[at]!
    }
  }
}

/** Noise of a steady spectrum that falls or rises with frequency. */
function addNoise(powers: Float32Array, frames: number, below: number, draw: Draw): void {
  const level = maximum(powers) * 10 ** (-below / 10)
  const slope = draw.between(-15, 5)
  const bands = powers.length / frames
  const from = draw.integer(NOISE.length)
  for (let band = 0; band < bands; band++) {
    const own = level * 10 ** ((slope * band) / bands / 10)
    for (let i = band * frames; i < (band + 1) * frames; i++) {
      powers[i]! += own * NOISE[(from + i) % NOISE.length]!
    }
  }
}

/** Powers of noise of mean 1. One in a band is the mean of several bins, each exponentially distributed. */
const NOISE = drawNoise(16_411)

function drawNoise(length: number): Float32Array {
  const random = createRandom(1)
  const exponential = () => -Math.log(1 - random())
  return Float32Array.from({ length }, () => (exponential() + exponential()) / 2)
}

/** Factor of each band: a tilt, and a cut-off above which nothing is left. */
function drawGains(
  { mels, sampleRate }: CoughDecode,
  tilt: number,
  lowPass: MelAugmentation['lowPass'],
  draw: Draw,
): Float32Array {
  const slope = draw.between(-tilt, tilt)
  const cut = draw.chance(lowPass.probability)
    ? (hertzToMel(lowPass.hertz[draw.integer(lowPass.hertz.length)]!) /
        hertzToMel(sampleRate / 2)) *
      (mels + 1)
    : mels
  return Float32Array.from({ length: mels }, (_, band) => {
    const decibels = (slope * band) / mels - (band >= cut ? 70 : 0)
    return 10 ** (decibels / 10)
  })
}

const mean = (values: Float32Array): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length
