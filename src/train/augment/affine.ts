// Rotation, shift, shear and zoom in one resampling, as Keras' ImageDataGenerator does it: its order of matrices, its
// centre, bilinear, the nearest pixel beyond the border. No drawing of parameters here.
import { checkSizes, type Picture } from '../../tensor/picture.ts'

/** Names and units of Keras' `apply_transform`. */
export interface AffineParameters {
  /** Degrees. */
  readonly theta: number
  /** Pixels. */
  readonly tx: number
  readonly ty: number
  /** Degrees. */
  readonly shear: number
  /** 1 keeps the size; below 1 enlarges. */
  readonly zx: number
  readonly zy: number
  readonly flipHorizontal: boolean
}

/** Levels 0…255 of a picture that is being augmented, fractions included: height × width × 3. */
export interface Levels {
  readonly width: number
  readonly height: number
  readonly data: Float32Array
}

/** From a pixel of the result (row, column) to where it comes from: row = a·r + b·c + e, column = c·r + d·c + f. */
export interface AffineMap {
  readonly rowRow: number
  readonly rowColumn: number
  readonly columnRow: number
  readonly columnColumn: number
  readonly row: number
  readonly column: number
}

type Matrix = readonly [number, number, number, number, number, number]

/** Rotation × shift × shear × zoom about the centre, axes exchanged, as `apply_affine_transform` of Keras 3. */
export function toAffineMap(
  { theta, tx, ty, shear, zx, zy }: Omit<AffineParameters, 'flipHorizontal'>,
  width: number,
  height: number,
): AffineMap {
  const [angle, slant] = [(theta * Math.PI) / 180, (shear * Math.PI) / 180]
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)]
  const matrices: readonly Matrix[] = [
    [cos, -sin, 0, sin, cos, 0],
    [1, 0, tx, 0, 1, ty],
    [1, -Math.sin(slant), 0, 0, Math.cos(slant), 0],
    [zx, 0, 0, 0, zy, 0],
  ]
  const matrix = matrices.reduce(multiply)
  // Keras counts the centre in rows first, before it exchanges the axes.
  const [x, y] = [height / 2 - 0.5, width / 2 - 0.5]
  const centred = multiply(multiply([1, 0, x, 0, 1, y], matrix), [1, 0, -x, 0, 1, -y])
  const [a, b, e, c, d, f] = centred
  return { rowRow: d, rowColumn: c, row: f, columnRow: b, columnColumn: a, column: e }
}

/** The picture seen through a map; where it leads outside, the nearest pixel of the border. */
export function warpPicture(picture: Picture, map: AffineMap, flipHorizontal: boolean): Levels {
  const { width, height, data } = picture
  checkSizes(picture, width, height)
  const out = new Float32Array(width * height * 3)
  const [lastRow, lastColumn, stride] = [height - 1, width - 1, width * 3]
  const { rowRow, rowColumn, columnRow, columnColumn } = map
  const step = flipHorizontal ? -3 : 3
  for (let r = 0; r < height; r++) {
    let to = (r * width + (flipHorizontal ? lastColumn : 0)) * 3
    const [rowStart, columnStart] = [rowRow * r + map.row, columnRow * r + map.column]
    for (let c = 0; c < width; c++, to += step) {
      let y = rowStart + rowColumn * c
      let x = columnStart + columnColumn * c
      y = y < 0 ? 0 : y > lastRow ? lastRow : y
      x = x < 0 ? 0 : x > lastColumn ? lastColumn : x
      // Both are at least 0, so truncation is the floor.
      const [y0, x0] = [y | 0, x | 0]
      const [fy, fx] = [y - y0, x - x0]
      const p00 = y0 * stride + x0 * 3
      const p01 = x0 < lastColumn ? p00 + 3 : p00
      const below = y0 < lastRow ? stride : 0
      const p10 = p00 + below
      const p11 = p01 + below
      const w11 = fy * fx
      const w10 = fy - w11
      const w01 = fx - w11
      const w00 = 1 - fy - w01
      // Channels one by one: a loop over three of them takes twice as long.
      out[to] = w00 * data[p00]! + w01 * data[p01]! + w10 * data[p10]! + w11 * data[p11]!
      out[to + 1] =
        w00 * data[p00 + 1]! + w01 * data[p01 + 1]! + w10 * data[p10 + 1]! + w11 * data[p11 + 1]!
      out[to + 2] =
        w00 * data[p00 + 2]! + w01 * data[p01 + 2]! + w10 * data[p10 + 2]! + w11 * data[p11 + 2]!
    }
  }
  return { width, height, data: out }
}

/** The picture as it is, in the form that further augmentation takes. */
export function toLevels({ width, height, data }: Picture): Levels {
  return { width, height, data: Float32Array.from(data) }
}

/** Products of matrices whose third row is 0, 0, 1. */
function multiply(p: Matrix, q: Matrix): Matrix {
  return [
    p[0] * q[0] + p[1] * q[3],
    p[0] * q[1] + p[1] * q[4],
    p[0] * q[2] + p[1] * q[5] + p[2],
    p[3] * q[0] + p[4] * q[3],
    p[3] * q[1] + p[4] * q[4],
    p[3] * q[2] + p[4] * q[5] + p[5],
  ]
}
