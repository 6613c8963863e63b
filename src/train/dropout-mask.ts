// Masks of Dropout from a counter: each element depends only on seed, step, layer and place, so that a resumed training
// draws what the first would have drawn.

/**
 * Fills a mask: 0 with probability `rate`, else 1 / (1 − rate).
 *
 * @param seed any integers that tell this mask from others, such as seed, step and layer
 */
export function fillDropoutMask(mask: Float32Array, rate: number, seed: readonly number[]): void {
  let key = 0x9e3779b9
  for (const part of seed) key = mix(key ^ mix(part | 0))
  const kept = 1 / (1 - rate)
  const limit = rate * 2 ** 32
  for (let i = 0; i < mask.length; i++) {
    mask[i] = mix(Math.imul(i + 1, 0x9e3779b9) ^ key) < limit ? 0 : kept
  }
}

/** Chris Wellons' low-bias 32-bit hash (hash-prospector): 0 ≤ x < 2³². */
function mix(value: number): number {
  let x = value >>> 0
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad)
  x = Math.imul(x ^ (x >>> 15), 0xd35a2d97)
  return (x ^ (x >>> 15)) >>> 0
}
