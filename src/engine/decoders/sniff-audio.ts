// Tells an audio file's container by its first bytes. The name and the declared type are never
// asked.

export type AudioFormat = 'wav' | 'mp3' | 'ogg' | 'flac' | 'm4a'

/** Bytes that {@link sniffAudio} looks at. */
export const SNIFF_BYTES = 12

/**
 * The container, from at least 12 bytes of the file's head; null for anything else, and for a
 * shorter head.
 */
export function sniffAudio(head: Uint8Array): AudioFormat | null {
  if (head.length < SNIFF_BYTES) return null
  const four = ascii(head, 0)
  if ((four === 'RIFF' || four === 'RF64') && ascii(head, 8) === 'WAVE') return 'wav'
  if (four === 'OggS') return 'ogg'
  if (four === 'fLaC') return 'flac'
  if (ascii(head, 4) === 'ftyp') return M4A_BRAND.test(ascii(head, 8)) ? 'm4a' : null
  return four.startsWith('ID3') || isMpegFrame(head) ? 'mp3' : null
}

/** Four bytes as characters. */
export function ascii(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4))
}

/**
 * Brands of MPEG-4 files that hold sound; not those of pictures (heic, avif), which share the
 * container.
 */
const M4A_BRAND = /^(M4[ABPV] |mp4[12]|iso[m2-9]|dash|3g[epr2g])/

/**
 * An MPEG audio frame header: sync, then a version, layer, bit rate and sample rate that exist
 * (ADTS AAC has layer 0).
 */
function isMpegFrame(head: Uint8Array): boolean {
  const [a, b, c] = [head[0]!, head[1]!, head[2]!]
  const sync = a === 0xff && (b & 0xe0) === 0xe0
  const version = (b >> 3) & 3
  const layer = (b >> 1) & 3
  return sync && version !== 1 && layer !== 0 && c >> 4 !== 15 && ((c >> 2) & 3) !== 3
}
