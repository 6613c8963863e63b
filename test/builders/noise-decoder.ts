// A decoder of about the cost of a small picture's: fills [1, 3, 224, 224] with seeded noise.
import type { Decode } from '../../src/engine/service.ts'
import { createNoise } from '../signal.ts'

export const decode: Decode<{ readonly seed: number }> = ({ seed }) => {
  const noise = createNoise(seed)
  const data = new Float32Array(3 * 224 * 224)
  for (let i = 0; i < data.length; i += 1) data[i] = noise()
  return { rows: 1, feeds: { x: { type: 'float32', dims: [1, 3, 224, 224], data } } }
}
