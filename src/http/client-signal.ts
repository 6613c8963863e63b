// A signal that fires when the client goes away before its answer is sent.
import type { FastifyReply } from 'fastify'

export function clientSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController()
  const { raw } = reply
  raw.once('close', () => {
    if (!raw.writableFinished) controller.abort()
  })
  return controller.signal
}
