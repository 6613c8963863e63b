// MP3, OGG and FLAC through streaming WebAssembly decoders, fed piece by piece until enough has
// been heard: a small file can hold hours of silence. One decoder a file, freed at its end.
import { DugaError } from '../../errors.ts'
import type { Audio, AudioLimits } from './audio.ts'
import { readOggHead } from './ogg-head.ts'
import { toSound } from './sound-value.ts'

/** What the decoders have in common. */
interface Stream {
  decode(piece: Uint8Array): Piece | Promise<Piece>
  /** What was held back for want of a following frame. */
  flush?(): Piece | Promise<Piece>
  free(): void
}

interface Piece {
  readonly channelData: readonly Float32Array[]
  readonly sampleRate: number
}

/**
 * The first `maxSeconds`; at a defect, what came before it.
 * @throws DugaError audio.unreadable (422)
 */
export async function decodeCompressed(
  format: 'mp3' | 'ogg' | 'flac',
  bytes: Uint8Array,
  limits: AudioLimits,
): Promise<Audio> {
  const codec = format === 'ogg' ? readOggHead(bytes).codec : format
  const stream = await CODECS[codec]()
  const heard: Piece[] = []
  let mute = 0
  try {
    for await (const piece of pieces(stream, bytes, PIECE_BYTES[codec])) {
      const sounds = piece.sampleRate > 0 && (piece.channelData[0]?.length ?? 0) > 0
      if (sounds) heard.push(piece)
      mute = sounds ? 0 : mute + PIECE_BYTES[codec]
      if (isEnough(heard, limits.maxSeconds) || (heard.length > 0 && mute > MOST_MUTE_BYTES)) break
    }
  } catch (cause) {
    if (heard.length === 0)
      throw new DugaError('audio.unreadable', { reason: `it is no ${codec}` }, { cause })
  } finally {
    stream.free()
  }
  return join(heard, limits.maxSeconds)
}

type Codec = 'mp3' | 'flac' | 'vorbis' | 'opus'

/** Imported by the first file that needs it: together they are 5 MB a thread and 40 ms of its start. */
const CODECS: Readonly<Record<Codec, () => Promise<Stream>>> = {
  mp3: async () => whenReady(new (await import('mpg123-decoder')).MPEGDecoder()),
  flac: async () => whenReady(new (await import('@wasm-audio-decoders/flac')).FLACDecoder()),
  vorbis: async () => {
    const { OggVorbisDecoder } = await import('@wasm-audio-decoders/ogg-vorbis')
    return whenReady(new OggVorbisDecoder())
  },
  opus: async () => (await import('@audio/decode-opus')).decoder(),
}

/**
 * Small where few bytes can hold many samples: 512 bytes of FLAC are at most 36 frames of 65,535
 * samples.
 */
const PIECE_BYTES: Readonly<Record<Codec, number>> = {
  mp3: 16_384,
  flac: 512,
  vorbis: 4_096,
  opus: 4_096,
}

/**
 * Once there was sound, so much without any is not a page or a frame but rubbish, which is slow to
 * search.
 */
const MOST_MUTE_BYTES = 128 * 1024

async function whenReady<T extends Stream & { readonly ready: Promise<void> }>(
  stream: T,
): Promise<T> {
  await stream.ready
  return stream
}

async function* pieces(stream: Stream, bytes: Uint8Array, size: number): AsyncGenerator<Piece> {
  for (let at = 0; at < bytes.length; at += size) {
    yield await withoutConsole(() => stream.decode(bytes.subarray(at, at + size)))
  }
  if (stream.flush) yield await withoutConsole(() => stream.flush!())
}

/**
 * The decoders print every defective frame, thousands for a hostile file; they do so before they
 * return.
 */
function withoutConsole<T>(decode: () => T): T {
  const { error, warn } = console
  console.error = () => {}
  console.warn = () => {}
  try {
    return decode()
  } finally {
    console.error = error
    console.warn = warn
  }
}

function isEnough(heard: readonly Piece[], maxSeconds: number): boolean {
  const rate = heard[0]?.sampleRate ?? 0
  return rate > 0 && lengthOf(heard) >= maxSeconds * rate
}

function lengthOf(heard: readonly Piece[]): number {
  return heard.reduce((length, piece) => length + piece.channelData[0]!.length, 0)
}

/** One array a channel; a stream that changes its rate or its channels ends there. */
function join(heard: readonly Piece[], maxSeconds: number): Audio {
  const [first] = heard
  if (!first) return { channels: [], sampleRate: 0 }
  const change = heard.findIndex((piece) => {
    return (
      piece.sampleRate !== first.sampleRate || piece.channelData.length !== first.channelData.length
    )
  })
  const alike = change < 0 ? heard : heard.slice(0, change)
  const length = Math.min(lengthOf(alike), Math.floor(maxSeconds * first.sampleRate))
  const channels = first.channelData.map((_, channel) => {
    const samples = new Float32Array(length)
    let at = 0
    for (const piece of alike) {
      const part = piece.channelData[channel]!.subarray(0, length - at)
      samples.set(part, at)
      at += part.length
    }
    for (let i = 0; i < length; i++) toSound(samples[i]!)
    return samples
  })
  return { channels, sampleRate: first.sampleRate }
}
