// Progress on standard error, so that standard output stays for results: a bar where a person looks, a line for each
// new message where it goes to a file or a pipe.
import { Presets, SingleBar } from 'cli-progress'

export interface Progress {
  /** @param fraction 0..1 */
  update(fraction: number, message: string): void
  stop(): void
}

/** @param wanted false for `--json` */
export function showProgress(wanted: boolean): Progress {
  if (!wanted) return { update: () => {}, stop: () => {} }
  if (!process.stderr.isTTY) return showLines()
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

/** Of one phase at most a line a second. */
const LINE_MS = 1000

function showLines(): Progress {
  let shown = ''
  let since = Number.NEGATIVE_INFINITY
  return {
    update: (fraction, message) => {
      if (message === shown || message === '') return
      const now = performance.now()
      if (phaseOf(message) === phaseOf(shown) && now - since < LINE_MS) return
      shown = message
      since = now
      process.stderr.write(`${String(Math.floor(fraction * 100)).padStart(3)}% ${message}\n`)
    },
    stop: () => {},
  }
}

const phaseOf = (message: string): string => /^[\p{L} ]*/u.exec(message)![0]
