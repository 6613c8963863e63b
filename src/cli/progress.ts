// A progress bar on standard error, so that standard output stays for results; nothing where no person looks.
import { Presets, SingleBar } from 'cli-progress'

export interface Progress {
  /** @param fraction 0..1 */
  update(fraction: number, message: string): void
  stop(): void
}

/** @param wanted false for `--json` */
export function showProgress(wanted: boolean): Progress {
  if (!wanted || !process.stderr.isTTY) return { update: () => {}, stop: () => {} }
  const format = '{bar} {percentage}% {message}'
  const bar = new SingleBar(
    { format, hideCursor: true, clearOnComplete: true, stream: process.stderr },
    Presets.shades_classic,
  )
  bar.start(1000, 0, { message: '' })
  return {
    update: (fraction, message) => bar.update(Math.round(fraction * 1000), { message }),
    stop: () => bar.stop(),
  }
}
