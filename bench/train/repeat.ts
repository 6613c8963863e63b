// Times one part in a process of its own, so that its peak of memory is its own, and says it as a line of JSON.
import process from 'node:process'
import { restartAsTraining } from './restart-as-training.ts'

restartAsTraining()

const REPEATS = 3

export interface Repeated {
  readonly seconds: readonly number[]
  readonly peakMb: number
}

/** @param warmUp runs once before, untimed: what frameworks trace or compile at their first epoch */
export async function repeat(
  run: () => Promise<void>,
  warmUp?: () => Promise<void>,
): Promise<void> {
  await warmUp?.()
  const seconds: number[] = []
  for (let i = 0; i < REPEATS; i++) {
    const start = performance.now()
    await run()
    seconds.push((performance.now() - start) / 1000)
  }
  const peakMb = process.resourceUsage().maxRSS / 1024
  console.log(JSON.stringify({ seconds, peakMb } satisfies Repeated))
}
