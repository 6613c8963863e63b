// Reads what a manifest's `decode` says of a picture model's input. Shared by every service that takes pictures.
import type { Json } from '../../json.ts'
import type { PixelSpec } from '../../tensor/pixel-tensor.ts'

type Fields = { readonly [key: string]: Json }

/**
 * `width` and `height` are needed; else Pillow, bicubic, RGB, NHWC, levels as they are, float32.
 * `mean` and `std` are a number or one a channel, in the model's order of channels. `center_crop`: only the central
 * square of this fraction (above 0, up to 1) of the shorter side is looked at; Pillow only.
 * @throws TypeError that names the field
 */
export function toPixelSpec(decode: Fields): PixelSpec {
  const implementation = choice(decode, 'implementation', ['pillow', 'opencv'])
  const usual = implementation === 'opencv' ? 'bilinear' : 'bicubic'
  const filter = choice(decode, 'filter', FILTERS, usual)
  if (implementation === 'opencv' && filter !== 'bilinear') {
    throw new TypeError('decode.filter must be "bilinear" where decode.implementation is "opencv".')
  }
  const centerCrop = decode.center_crop === undefined ? null : number(decode, 'center_crop', 1)
  if (centerCrop !== null && !(centerCrop > 0 && centerCrop <= 1 && implementation === 'pillow')) {
    throw new TypeError('decode.center_crop must be above 0 and at most 1, and needs Pillow.')
  }
  const std = triple(decode, 'std', 1)
  if (std.includes(0)) throw new TypeError('decode.std must not be 0.')
  return {
    width: size(decode, 'width'),
    height: size(decode, 'height'),
    implementation,
    filter,
    centerCrop,
    order: choice(decode, 'order', ['RGB', 'BGR']),
    layout: choice(decode, 'layout', ['NHWC', 'NCHW']),
    scale: number(decode, 'scale', 1),
    offset: number(decode, 'offset', 0),
    mean: triple(decode, 'mean', 0),
    std,
    dtype: choice(decode, 'dtype', ['float32', 'uint8']),
  }
}

const FILTERS = ['nearest', 'box', 'bilinear', 'hamming', 'bicubic', 'lanczos'] as const

/** The first choice is the default unless `usual` names another. */
function choice<T extends string>(
  decode: Fields,
  key: string,
  choices: readonly T[],
  usual: T = choices[0]!,
): T {
  const value = decode[key] ?? usual
  const found = choices.find((one) => one === value)
  if (found !== undefined) return found
  throw new TypeError(`decode.${key} must be one of ${choices.join(', ')}.`)
}

function size(decode: Fields, key: string): number {
  const value = decode[key]
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 4096) {
    return value
  }
  throw new TypeError(`decode.${key} must be a whole number from 1 to 4096.`)
}

function number(decode: Fields, key: string, usual: number): number {
  const value = decode[key] ?? usual
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw new TypeError(`decode.${key} must be a number.`)
}

function triple(decode: Fields, key: string, usual: number): [number, number, number] {
  const value = decode[key] ?? usual
  const values = Array.isArray(value) ? (value as readonly Json[]) : [value, value, value]
  const [first, second, third] = values
  const all = [first, second, third].every((one) => typeof one === 'number' && Number.isFinite(one))
  if (all && values.length === 3) return [first, second, third] as [number, number, number]
  throw new TypeError(`decode.${key} must be a number or three, one a channel.`)
}
