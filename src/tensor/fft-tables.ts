// Tables of the FFT in kernels/audio.as: radix 4, decimation in frequency, in place, radix 2 last
// where needed.

/** Per stage of span L and per j < L/4: cos and sin of -2πj/L, -4πj/L and -6πj/L. */
export function toTwiddles(n: number): Float32Array {
  const values: number[] = []
  for (let span = n; span >= 4; span /= 4) {
    for (let j = 0; j < span / 4; j++) {
      for (const multiple of [1, 2, 3]) {
        const angle = (-2 * Math.PI * j * multiple) / span
        values.push(Math.cos(angle), Math.sin(angle))
      }
    }
  }
  return Float32Array.from(values)
}

/**
 * Where frequency k of `n` stands in the output: byte offsets, 32 bytes a number; entry `n` repeats
 * entry 0.
 */
export function toOrder(n: number): Int32Array {
  const order = new Int32Array(n + 1)
  for (let k = 0; k < n; k++) {
    let position = 0
    let rest = k
    let span = n
    while (span > 1) {
      const radix = span >= 4 ? 4 : 2
      span /= radix
      position += (rest % radix) * span
      rest = Math.floor(rest / radix)
    }
    order[k] = position * 32
  }
  order[n] = order[0]!
  return order
}

/**
 * Cos and sin of -πk/n for k = 0..n: what turns the FFT of n packed pairs into that of 2n reals.
 */
export function toRoots(n: number): Float32Array {
  return Float32Array.from({ length: 2 * (n + 1) }, (_, i) => {
    const angle = (-Math.PI * (i >> 1)) / n
    return i % 2 === 0 ? Math.cos(angle) : Math.sin(angle)
  })
}
