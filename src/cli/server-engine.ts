// The engine of a server with what watches it. Apart from server.ts, so that `serve` can start the lanes first: they
// import their decoders while this thread imports the rest of the server.
import pino from 'pino'
import type { Config } from '../config.ts'
import { createEngine, type Engine } from '../engine/engine.ts'
import { openLinearText } from '../engine/inline-linear.ts'
import { createMetrics, type Metrics } from '../http/metrics.ts'
import type { ServiceModule } from '../http/service-module.ts'

export interface ServerEngine {
  readonly engine: Engine
  readonly metrics: Metrics
  readonly log: pino.Logger
}

/** @param services those that will be served; lanes start at once where one of them needs lanes */
export function createServerEngine(
  config: Config,
  services: readonly ServiceModule[],
): ServerEngine {
  const log = pino({ level: config.logLevel }, pino.destination(2))
  const metrics = createMetrics()
  const cores = navigator.hardwareConcurrency
  const engine = createEngine({
    lanes: config.lanes,
    threads: Math.max(1, Math.floor(cores / config.lanes)),
    graphs: [openLinearText],
    events: {
      onStage: (service, stage, milliseconds) => {
        metrics.stages.observe({ service, stage }, milliseconds / 1000)
      },
      onBatch: (service, rows) => metrics.batches.observe({ service }, rows),
      onLanes: ({ lost, ...states }) => {
        for (const [state, count] of Object.entries(states)) metrics.lanes.set({ state }, count)
        metrics.lanesLost.set(lost)
      },
      onTrouble: (error) => log.error(error, 'engine'),
    },
  })
  engine.start(services.map(({ definition }) => definition))
  return { engine, metrics, log }
}
