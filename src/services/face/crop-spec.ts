// What a manifest's `decode.crop` says: whether the face is looked for and cut out, and how. Checked, with defaults.
import type { Json } from '../../json.ts'
import type { Manifest } from '../../manifest.ts'
import type { Border } from '../../tensor/face/crop.ts'

export interface CropSpec {
  /** Side of the square ÷ longer side of the face. */
  readonly scale: number
  /** A row each, where the square leaves the picture. */
  readonly borders: readonly Border[]
  /** Role of the detector among the manifest's files. */
  readonly detector: string
  /** Side of the detector's input, in pixels. */
  readonly size: number
  readonly score: number
  readonly nms: number
}

/** @returns null where the model takes whole pictures @throws TypeError naming the field that is wrong */
export function toCropSpec({ decode, files }: Pick<Manifest, 'decode' | 'files'>): CropSpec | null {
  const { crop = null } = decode
  if (crop === null) return null
  if (typeof crop !== 'object' || Array.isArray(crop)) throw wrong('crop', 'an object or null')
  const fields = crop as { readonly [key: string]: Json }
  const { detector = 'detector', borders = ['edge', 'black'] } = fields
  if (typeof detector !== 'string' || files[detector] === undefined) {
    throw wrong('crop.detector', 'the role of a file of this version')
  }
  if (!Array.isArray(borders) || borders.length === 0 || !borders.every(isBorder)) {
    throw wrong('crop.borders', 'a list of "edge" and "black"')
  }
  const size = numberOf(fields, 'size', 640, 32, 4096)
  if (size % 32 !== 0) throw wrong('crop.size', 'a multiple of 32')
  return {
    scale: numberOf(fields, 'scale', 1.5, 0.1, 10),
    borders,
    detector,
    size,
    score: numberOf(fields, 'score', 0.7, 0, 1),
    nms: numberOf(fields, 'nms', 0.3, 0, 1),
  }
}

function isBorder(value: Json): value is Border {
  return value === 'edge' || value === 'black'
}

function numberOf(
  fields: { readonly [key: string]: Json },
  name: string,
  otherwise: number,
  min: number,
  max: number,
): number {
  const value = fields[name] ?? otherwise
  if (typeof value === 'number' && value >= min && value <= max) return value
  throw wrong(`crop.${name}`, `a number from ${min} to ${max}`)
}

function wrong(field: string, expected: string): TypeError {
  return new TypeError(`decode.${field} of the manifest must be ${expected}`)
}
