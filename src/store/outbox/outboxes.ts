// The outboxes of a server: opened by whoever has something to send, watched by metrics and health, closed together.
import {
  type Forwarder,
  type ForwarderOptions,
  type ForwarderState,
  startForwarder,
  type Target,
} from './forwarder.ts'

export interface Outboxes {
  /** Starts sending what an earlier run left. One a name. */
  open(target: Target): Promise<Forwarder>
  states(): readonly ForwarderState[]
  close(): Promise<void>
}

/** @param options.folder holds a folder an outbox */
export function createOutboxes(options: ForwarderOptions): Outboxes {
  const forwarders: Forwarder[] = []
  return {
    open: async (target) => {
      const forwarder = await startForwarder(target, options)
      forwarders.push(forwarder)
      return forwarder
    },
    states: () => forwarders.map((forwarder) => forwarder.state()),
    close: async () => {
      await Promise.all(forwarders.splice(0).map((forwarder) => forwarder.close()))
    },
  }
}
