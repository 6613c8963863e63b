// Prometheus metrics of the outboxes; only where there are any.
import { Gauge, type Registry } from 'prom-client'
import type { ForwarderState } from '../store/outbox/forwarder.ts'
import type { Outboxes } from '../store/outbox/outboxes.ts'

/** Read when the metrics are asked for. */
export function watchOutboxes(registry: Registry, outboxes: Outboxes): void {
  const gauge = (name: string, help: string, read: (state: ForwarderState) => number): void => {
    new Gauge({
      name,
      help,
      labelNames: ['outbox'],
      registers: [registry],
      collect() {
        for (const state of outboxes.states()) this.set({ outbox: state.name }, read(state))
      },
    })
  }
  gauge('duga_outbox_records', 'Records that wait on disk.', ({ records }) => records)
  gauge('duga_outbox_bytes', 'Bytes that wait on disk.', ({ bytes }) => bytes)
  gauge('duga_outbox_up', '1 while its target takes what it is given.', ({ failing }) =>
    Number(failing === null),
  )
  // The outboxes count; a gauge takes their totals as they are.
  gauge('duga_outbox_delivered_total', 'Records delivered.', ({ delivered }) => delivered)
  gauge('duga_outbox_dropped_total', 'Records lost: outbox full, disk at fault.', (state) => {
    return state.dropped
  })
  gauge('duga_outbox_refused_total', 'Records set aside, as never to be taken.', (state) => {
    return state.refused
  })
}
