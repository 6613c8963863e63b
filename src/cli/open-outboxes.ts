// The outboxes of a server, where the settings name something to write to besides the database.
import { join } from 'node:path'
import type { Config } from '../config.ts'
import type { Outboxes } from '../store/outbox/outboxes.ts'
import type { ServerEngine } from './server-engine.ts'

export async function openOutboxes(
  config: Config,
  { metrics, log }: Pick<ServerEngine, 'metrics' | 'log'>,
): Promise<Outboxes | null> {
  if (!isAsked(config)) return null
  // Only now: most servers need none of it.
  const { createOutboxes } = await import('../store/outbox/outboxes.ts')
  const { watchOutboxes } = await import('../http/outbox-metrics.ts')
  const folder = join(config.home, 'outbox')
  const outboxes = createOutboxes({ folder, maxBytes: config.outboxMaxMb * 2 ** 20, log })
  watchOutboxes(metrics.registry, outboxes)
  return outboxes
}

function isAsked(config: Config): boolean {
  const { influxUrl, influxBucket, influxToken, postgresHost, postgresDb, mqttUrl } = config
  const named = [influxUrl, influxBucket, influxToken, postgresHost, postgresDb, mqttUrl]
  return named.some((value) => value !== null)
}
