// RIFF WAVE: PCM of 8, 16, 24 and 32 bits, float of 32 and 64, A-law and mu-law, plain or
// WAVE_FORMAT_EXTENSIBLE. Forgiving as players are: sizes of streams (0, 0xFFFFFFFF, RF64), odd
// chunks, data that breaks off.
import { DugaError } from '../../errors.ts'
import type { Audio, AudioLimits } from './audio.ts'
import { ascii } from './sniff-audio.ts'
import { toSound } from './sound-value.ts'

/**
 * The first `maxSeconds` of a WAV file.
 * @throws DugaError audio.unreadable (422)
 */
export function decodeWav(bytes: Uint8Array, { maxSeconds }: AudioLimits): Audio {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const { format, data } = findChunks(view)
  const read = READERS[`${format.tag}/${format.bits}`]
  if (!read)
    throw unreadable(`WAV encoding ${format.tag} with ${format.bits} bits is not supported`)
  const width = format.bits / 8
  const frames = Math.min(
    Math.floor((data.end - data.start) / (width * format.channels)),
    Math.floor(maxSeconds * format.sampleRate),
  )
  const end = data.start + frames * width * format.channels
  // Copied so that the samples are aligned whatever came before them (a Buffer's own slice would
  // not copy).
  const copy = new DataView(new Uint8Array(bytes.subarray(data.start, end)).buffer)
  const channels = Array.from({ length: format.channels }, (_, channel) => {
    return read(copy, frames, channel, format.channels)
  })
  return { channels, sampleRate: format.sampleRate }
}

interface Format {
  /** The code of the encoding; EXTENSIBLE is resolved. */
  readonly tag: number
  readonly channels: number
  readonly sampleRate: number
  readonly bits: number
}

interface Range {
  readonly start: number
  readonly end: number
}

/** The samples of one channel, from data that starts at byte 0 of its buffer. */
type Reader = (data: DataView, frames: number, channel: number, channels: number) => Float32Array

const [PCM, FLOAT, A_LAW, MU_LAW, EXTENSIBLE] = [1, 3, 6, 7, 0xfffe]
const MOST_CHANNELS = 64

const READERS: Readonly<Record<string, Reader>> = {
  [`${PCM}/8`]: eachAt((data, at) => (data.getUint8(at) - 128) / 128, 1),
  [`${PCM}/16`]: readInt16,
  [`${PCM}/24`]: eachAt((data, at) => {
    return ((data.getInt8(at + 2) << 16) | data.getUint16(at, true)) / 0x80_0000
  }, 3),
  [`${PCM}/32`]: eachAt((data, at) => data.getInt32(at, true) / 0x8000_0000, 4),
  [`${FLOAT}/32`]: eachAt((data, at) => toSound(data.getFloat32(at, true)), 4),
  [`${FLOAT}/64`]: eachAt((data, at) => toSound(data.getFloat64(at, true)), 8),
  [`${A_LAW}/8`]: eachAt((data, at) => fromALaw(data.getUint8(at)), 1),
  [`${MU_LAW}/8`]: eachAt((data, at) => fromMuLaw(data.getUint8(at)), 1),
}

function findChunks(view: DataView): { format: Format; data: Range } {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
  let format: Format | undefined
  let at = 12
  while (at + 8 <= bytes.length) {
    const name = ascii(bytes, at)
    const size = view.getUint32(at + 4, true)
    const start = at + 8
    if (name === 'fmt ' && start + 16 <= bytes.length) format = readFormat(view, start, size)
    if (name === 'data') {
      if (!format) throw unreadable('its fmt chunk is missing')
      // A stream's writer could not know the size: what follows is the sound.
      const unknown = size === 0 || size === 0xffff_ffff
      return {
        format,
        data: { start, end: unknown ? bytes.length : Math.min(start + size, bytes.length) },
      }
    }
    at = start + size + (size % 2)
  }
  throw unreadable('its data chunk is missing')
}

function readFormat(view: DataView, start: number, size: number): Format {
  const tag = view.getUint16(start, true)
  const channels = view.getUint16(start + 2, true)
  const extended = tag === EXTENSIBLE && size >= 40 && start + 40 <= view.byteLength
  if (channels < 1 || channels > MOST_CHANNELS) throw unreadable(`it has ${channels} channels`)
  return {
    // The first two bytes of the sub-format's GUID are the code.
    tag: extended ? view.getUint16(start + 24, true) : tag,
    channels,
    sampleRate: view.getUint32(start + 4, true),
    bits: view.getUint16(start + 14, true),
  }
}

function eachAt(value: (data: DataView, at: number) => number, width: number): Reader {
  return (data, frames, channel, channels) => {
    const samples = new Float32Array(frames)
    const step = width * channels
    let at = channel * width
    for (let i = 0; i < frames; i++) {
      samples[i] = value(data, at)
      at += step
    }
    return samples
  }
}

/**
 * Apart from the others because it is the common case: a typed array is four times as fast as a
 * DataView.
 */
function readInt16(
  data: DataView,
  frames: number,
  channel: number,
  channels: number,
): Float32Array {
  const values = new Int16Array(data.buffer)
  const samples = new Float32Array(frames)
  for (let i = 0, at = channel; i < frames; i++, at += channels) samples[i] = values[at]! / 32_768
  return samples
}

/** ITU-T G.711. */
function fromALaw(code: number): number {
  const bits = code ^ 0x55
  const exponent = (bits >> 4) & 7
  const mantissa = ((bits & 15) << 4) + 8
  const magnitude = exponent === 0 ? mantissa : (mantissa + 256) << (exponent - 1)
  return (bits & 128 ? magnitude : -magnitude) / 32_768
}

/** ITU-T G.711. */
function fromMuLaw(code: number): number {
  const bits = ~code
  const magnitude = ((((bits & 15) << 3) + 132) << ((bits >> 4) & 7)) - 132
  return (bits & 128 ? -magnitude : magnitude) / 32_768
}

function unreadable(reason: string): DugaError {
  return new DugaError('audio.unreadable', { reason })
}
