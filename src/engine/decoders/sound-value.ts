// Where samples that are floats come in from outside: only numbers that can be sound go on.
import { DugaError } from '../../errors.ts'

/** Louder samples than this are not sound, and their powers would overflow. */
const LOUDEST = 1e12

/**
 * The value itself.
 * @throws DugaError audio.unreadable (422) for NaN, infinities and the like
 */
export function toSound(value: number): number {
  // Written so that NaN fails too.
  if (Math.abs(value) <= LOUDEST) return value
  throw new DugaError('audio.unreadable', { reason: 'it has samples that are no numbers' })
}
