// What `duga doctor` says of what is written to and read from besides the database: InfluxDB, PostgreSQL, the MQTT broker. All
// may be away while Duga runs, so what is away is a warning.
import type { Config } from '../config.ts'
import type { Finding } from './doctor.ts'

/** Asks only what the settings name. */
export async function checkOutside(config: Config): Promise<Finding[]> {
  const { influxOf, postgresOf } = await import('../store/time-series/forward-vibration.ts')
  const influx = influxOf(config)
  const postgres = postgresOf(config)
  const waits = 'Answers go on without it; what is to be written waits in $DUGA_HOME/outbox.'
  const checks: Promise<Finding>[] = []
  if (influx !== null) {
    const help = `${waits} Check INFLUXDB_URL.`
    checks.push(
      look('InfluxDB', help, async () => {
        const { pingInflux } = await import('../store/time-series/influx.ts')
        const version = await pingInflux(influx)
        return `${version}, ${influx.org === null ? '1.x' : '2.x'} is spoken`
      }),
    )
  }
  if (postgres !== null) {
    const help = `${waits} Check the POSTGRES_ settings.`
    checks.push(
      look('anomalies in PostgreSQL', help, async () => {
        const { reachServer } = await import('../store/open-server.ts')
        await reachServer(postgres)
        return `${postgres.database} on ${postgres.host}:${postgres.port} answers`
      }),
    )
  }
  if (config.mqttUrl !== null) {
    const url = config.mqttUrl
    const help = 'Sensors are heard again when it is back. Check DUGA_MQTT_URL.'
    checks.push(look('MQTT broker', help, () => greetBroker(url)))
  }
  return await Promise.all(checks)
}

async function look(check: string, help: string, ask: () => Promise<string>): Promise<Finding> {
  try {
    return { check, state: 'ok', found: await ask(), help: '' }
  } catch (error) {
    const { message, code, cause } = error as Error & { code?: string }
    const found = (cause instanceof Error && cause.message) || message || code || String(error)
    return { check, state: 'warning', found, help }
  }
}

/** Under a name of its own, so that the session of a server that runs is left alone. */
async function greetBroker(url: string): Promise<string> {
  const { connect } = await import('../streams/mqtt-connection.ts')
  const connection = await connect({
    ...{ url, filter: null, clientId: `duga-doctor-${process.pid}`, clean: true },
    onPacket: () => {},
    signal: AbortSignal.timeout(5000),
  })
  connection.send({ cmd: 'disconnect' })
  connection.end()
  await connection.ended
  return `${connection.broker} takes the connection`
}
