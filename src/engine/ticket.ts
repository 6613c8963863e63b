// A request's right to be run: ends at its deadline or when its client goes away, whichever comes first.
import { DugaError } from '../errors.ts'

export interface CallOptions {
  /** Aborted when the client goes away. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds from now after which nobody wants the answer. */
  readonly deadlineMs?: number | undefined
}

export interface Ticket {
  /** Why the request is no longer wanted; null while it is. */
  readonly abandoned: DugaError | null
  /** Sets who is told of the end, at once if it has come: the stage that the request waits in. */
  onAbandon(listener: (error: DugaError) => void): void
  /** The request is done: stops the timer and lets go of the signal. */
  close(): void
}

/** Starts the deadline. */
export function createTicket({ signal, deadlineMs }: CallOptions): Ticket {
  let abandoned: DugaError | null = null
  let tell: (error: DugaError) => void = () => {}
  const abandon = (code: 'cancelled' | 'deadline.exceeded') => {
    abandoned ??= new DugaError(code)
    tell(abandoned)
  }
  const cancel = () => abandon('cancelled')
  const timer =
    deadlineMs === undefined
      ? undefined
      : setTimeout(abandon, Math.max(0, deadlineMs), 'deadline.exceeded')
  if (signal?.aborted) cancel()
  else signal?.addEventListener('abort', cancel, { once: true })
  return {
    get abandoned() {
      return abandoned
    },
    onAbandon: (listener) => {
      tell = listener
      if (abandoned !== null) listener(abandoned)
    },
    close: () => {
      tell = () => {}
      clearTimeout(timer)
      signal?.removeEventListener('abort', cancel)
    },
  }
}
