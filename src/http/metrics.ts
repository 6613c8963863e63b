// Prometheus metrics of the process, the HTTP layer and the engine.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export type Stage = 'queue' | 'decode' | 'inference'

export type Metrics = ReturnType<typeof createMetrics>

/** @returns recorders for the events, and `text()` in Prometheus' exposition format */
export function createMetrics() {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const requests = new Counter({
    name: 'duga_http_requests_total',
    help: 'HTTP requests by route and status.',
    labelNames: ['service', 'method', 'route', 'status'],
    registers,
  })
  const latency = new Histogram({
    name: 'duga_http_request_duration_seconds',
    help: 'Time from the first byte of a request to the last of its answer.',
    labelNames: ['service', 'route'],
    buckets: SECONDS,
    registers,
  })
  const stages = new Histogram({
    name: 'duga_stage_duration_seconds',
    help: 'Time of a prediction by stage: queue, decode, inference.',
    labelNames: ['service', 'stage'],
    buckets: SECONDS,
    registers,
  })
  const batches = new Histogram({
    name: 'duga_batch_size',
    help: 'Rows of one run of a model.',
    labelNames: ['service'],
    buckets: [1, 2, 4, 8, 16, 32, 64, 128],
    registers,
  })
  const predictions = new Counter({
    name: 'duga_predictions_total',
    help: 'Answered predictions by service and version.',
    labelNames: ['service', 'version'],
    registers,
  })
  const version = new Gauge({
    name: 'duga_active_version_info',
    help: '1 for the version that serves.',
    labelNames: ['service', 'version'],
    registers,
  })
  const lanes = new Gauge({
    name: 'duga_lanes',
    help: 'Worker threads by state.',
    labelNames: ['state'],
    registers,
  })
  // The engine counts; a gauge takes its total as it is.
  const lanesLost = new Gauge({
    name: 'duga_lanes_lost_total',
    help: 'Worker threads that died and were replaced.',
    registers,
  })
  const messages = new Counter({
    name: 'duga_stream_messages_total',
    help: 'Messages of streams by outcome: taken, duplicate, malformed, failed (and tried again).',
    labelNames: ['service', 'outcome'],
    registers,
  })
  return {
    registry,
    messages,
    requests,
    latency,
    stages,
    batches,
    predictions,
    version,
    lanes,
    lanesLost,
  }
}
