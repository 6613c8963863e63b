// Reads which codec an OGG stream carries from its first page (RFC 3533; the mappings of Vorbis,
// RFC 7845 and FLAC).
import { DugaError } from '../../errors.ts'

export interface OggHead {
  readonly codec: 'vorbis' | 'opus' | 'flac'
  readonly channels: number
}

/**
 * The codec and the number of channels.
 * @throws DugaError audio.unreadable (422): another codec, or more channels than the codec's pages
 * stay small with
 */
export function readOggHead(bytes: Uint8Array): OggHead {
  const packet = bytes.subarray(27 + (bytes[26] ?? 0))
  const head = CODECS.map((read) => read(packet)).find((found) => found !== null)
  if (!head) throw unreadable('the OGG stream is neither Vorbis nor Opus nor FLAC')
  if (head.channels < 1 || head.channels > MOST_CHANNELS[head.codec]) {
    throw unreadable(`the OGG stream has ${head.channels} channels`)
  }
  return head
}

/**
 * A page has up to 255 packets and is decoded in one go; a packet of FLAC has up to 65,535 samples
 * a channel.
 */
const MOST_CHANNELS = { vorbis: 8, opus: 8, flac: 2 } as const

const CODECS: readonly ((packet: Uint8Array) => OggHead | null)[] = [
  (packet) => startsWith(packet, '\x01vorbis', { codec: 'vorbis', channels: packet[11] ?? 0 }),
  (packet) => startsWith(packet, 'OpusHead', { codec: 'opus', channels: packet[9] ?? 0 }),
  // STREAMINFO begins at byte 17; its 13th byte holds the channels less one in three bits.
  (packet) => {
    return startsWith(packet, '\x7fFLAC', {
      codec: 'flac',
      channels: (((packet[29] ?? 0) >> 1) & 7) + 1,
    })
  },
]

function startsWith(packet: Uint8Array, magic: string, head: OggHead): OggHead | null {
  const start = String.fromCharCode(...packet.subarray(0, magic.length))
  return start === magic ? head : null
}

function unreadable(reason: string): DugaError {
  return new DugaError('audio.unreadable', { reason })
}
