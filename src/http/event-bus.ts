// Live events within one process: services publish, streams of server-sent events listen.
import { EventEmitter } from 'node:events'

export interface LiveEvent {
  readonly event: string
  readonly data: unknown
}

export interface EventBus {
  publish(channel: string, event: string, data: unknown): void
  /** @returns a function that ends the subscription */
  subscribe(channel: string, listener: (event: LiveEvent) => void): () => void
  /** Whether anyone listens; publishing to nobody costs nothing. */
  has(channel: string): boolean
}

export function createEventBus(): EventBus {
  const emitter = new EventEmitter()
  emitter.setMaxListeners(0)
  return {
    publish: (channel, event, data) => {
      emitter.emit(channel, { event, data })
    },
    subscribe: (channel, listener) => {
      emitter.on(channel, listener)
      return () => emitter.off(channel, listener)
    },
    has: (channel) => emitter.listenerCount(channel) > 0,
  }
}
