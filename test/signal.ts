// Signals by formula; scripts/reference/audio/make.py has the same. And how fixtures carry floats.

export type SignalKind = 'chirp' | 'noise' | 'clicks' | 'fading' | 'silence'

/** `count` samples at `rate` Hz, −1..1. */
export function toSignal(kind: SignalKind, rate: number, count: number): Float32Array {
  const sweep = (0.45 * rate - 100) / ((2 * count) / rate)
  const noise = createNoise()
  return Float32Array.from({ length: count }, (_, i) => {
    const t = i / rate
    const hiss = noise()
    const chirp = 0.5 * Math.sin(2 * Math.PI * (100 * t + sweep * t * t))
    if (kind === 'chirp') return chirp
    if (kind === 'noise') return 0.8 * hiss
    if (kind === 'clicks') return i % 3001 === 1500 ? 1 : 0
    return kind === 'fading' ? (chirp + 0.1 * hiss) * 10 ** ((-4 * i) / count) : 0
  })
}

/** Numbers in −1..1 of a linear congruential generator (Numerical Recipes). */
export function createNoise(seed = 1): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  }
}

/** Little-endian floats from base64. */
export function toFloats(base64: string): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(base64, 'base64')).buffer)
}

/** Mean and largest absolute difference. */
export function compare(a: Float32Array, b: Float32Array): { mean: number; max: number } {
  let sum = 0
  let max = 0
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!)
    sum += difference
    if (!(difference <= max)) max = difference
  }
  return { mean: sum / a.length, max }
}
