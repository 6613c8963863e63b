// JSON routes against a raw Fastify echo of the same bodies: server and load on a core each, 64 callers, in turns.
import type { BenchHome } from './home.ts'
import type { LoadTarget } from './load.ts'
import { type Load, processorSeconds, type Server, startEcho, startLoad } from './processes.ts'
import { type Line, median, refuseErrors, show } from './report.ts'
import { productTarget, vibrationTarget } from './requests.ts'

const ROUNDS = 5
const ROUND_MS = 3000
const WARM_UP_MS = 4000
const CALLERS = 64

interface Measured {
  readonly perSecond: number
  /** Processor microseconds of the server a request; unlike the rate it does not depend on the client's speed. */
  readonly micros: number
}

/** @param name `product` or `vibration` */
export async function measureJson(
  name: 'product' | 'vibration',
  goal: number,
  server: Server,
  home: BenchHome,
): Promise<readonly Line[]> {
  const echo = await startEcho(0)
  const load = await startLoad(1)
  try {
    const ours =
      name === 'product' ? productTarget(server.url, home.token) : vibrationTarget(server.url)
    const theirs = { ...ours, url: `${echo.url}/echo` }
    await rate(load, echo, theirs, WARM_UP_MS)
    await rate(load, server, ours, WARM_UP_MS)
    const ratios: number[] = []
    const processor: number[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      const bare = await rate(load, echo, theirs, ROUND_MS)
      const whole = await rate(load, server, ours, ROUND_MS)
      ratios.push(whole.perSecond / bare.perSecond)
      processor.push(bare.micros / whole.micros)
      console.log(
        `${name}: echo ${bare.perSecond.toFixed(0)}/s ${bare.micros.toFixed(0)} µs, ` +
          `predict ${whole.perSecond.toFixed(0)}/s ${whole.micros.toFixed(0)} µs`,
      )
    }
    return [
      {
        what: `${name} predict, of the echo's rate`,
        goal: `≥ ${goal}`,
        measured: show(ratios),
        reached: median(ratios) >= goal,
      },
      {
        what: `${name} predict, echo's processor time of its own`,
        goal: '',
        measured: show(processor),
        reached: null,
      },
    ]
  } finally {
    await load.stop()
    await echo.stop()
  }
}

async function rate(
  load: Load,
  server: Server,
  target: LoadTarget,
  milliseconds: number,
): Promise<Measured> {
  const before = processorSeconds(server.pid)
  const result = await load.run({ targets: [target], concurrency: CALLERS, milliseconds })
  refuseErrors(target.url, result.errors)
  const micros = ((processorSeconds(server.pid) - before) / result.requests) * 1e6
  return { perSecond: result.perSecond, micros }
}
