// A decoded picture in memory, and the checks that every resizing shares.

/** 8-bit RGB, row after row, no padding: `data.length` = width × height × 3. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}

/** @throws RangeError where a size is not a positive integer or the bytes do not fit the picture's size */
export function checkSizes({ width, height, data }: Picture, toWidth: number, toHeight: number) {
  const sizes = [width, height, toWidth, toHeight]
  if (sizes.some((size) => !Number.isInteger(size) || size < 1)) {
    throw new RangeError(`Sizes must be positive integers, not ${sizes.join(', ')}`)
  }
  if (data.length !== width * height * 3) {
    throw new RangeError(`An RGB picture of ${width}×${height} has not ${data.length} bytes`)
  }
}
