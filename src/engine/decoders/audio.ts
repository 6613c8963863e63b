// From the bytes of a sound file to samples: WAV here, the compressed formats by WebAssembly
// decoders (libmpg123, libvorbis, libopus, libFLAC). Format by content. Blocks for milliseconds:
// for lanes, not for the HTTP thread. M4A is recognised and refused: npm has no decoder of AAC with
// a permissive licence that runs in plain Node.
import { DugaError } from '../../errors.ts'
import { decodeCompressed } from './compressed-audio.ts'
import { sniffAudio } from './sniff-audio.ts'
import { decodeWav } from './wav.ts'

export interface Audio {
  /** One array a channel, all of one length of at least 1; finite; nominally −1..1. */
  readonly channels: readonly Float32Array[]
  /** Hz, 1,000 to 384,000. */
  readonly sampleRate: number
}

export interface AudioLimits {
  /** Nothing after so many seconds is decoded. */
  readonly maxSeconds: number
}

/**
 * The first `maxSeconds` of a WAV, MP3, OGG (Vorbis, Opus, FLAC) or FLAC file. A file that breaks
 * off gives what is there.
 * @throws DugaError audio.unreadable (422): not such a file, nothing usable in it; audio.no-aac
 * (415): an M4A file
 */
export async function decodeAudio(bytes: Uint8Array, limits: AudioLimits): Promise<Audio> {
  const format = sniffAudio(bytes)
  if (format === null) throw unreadable('it is none of WAV, MP3, OGG, FLAC and M4A')
  try {
    if (format === 'wav') return check(decodeWav(bytes, limits))
    if (format === 'm4a') throw new DugaError('audio.no-aac')
    return check(await decodeCompressed(format, bytes, limits))
  } catch (cause) {
    if (cause instanceof DugaError) throw cause
    throw unreadable(`the ${format} decoder gave up`, cause)
  }
}

/** The mean of the channels, as librosa's `to_mono`. */
export function toMono({ channels }: Audio): Float32Array {
  const [first, ...others] = channels
  if (others.length === 0) return first!
  const mono = Float32Array.from(first!)
  for (const channel of others) {
    for (let i = 0; i < mono.length; i++) mono[i]! += channel[i]!
  }
  const scale = 1 / channels.length
  for (let i = 0; i < mono.length; i++) mono[i]! *= scale
  return mono
}

const RATES = [1_000, 384_000] as const
function check(audio: Audio): Audio {
  const { channels, sampleRate } = audio
  if (!channels[0]?.length) throw unreadable('it holds no sound')
  if (!(sampleRate >= RATES[0] && sampleRate <= RATES[1])) {
    throw unreadable(`its sample rate is ${sampleRate} Hz`)
  }
  return audio
}

function unreadable(reason: string, cause?: unknown): DugaError {
  return new DugaError('audio.unreadable', { reason }, { cause })
}
