// Any error → what a client may know of it, and the default body: problem details (RFC 9457).
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { DugaError, ERRORS } from '../errors.ts'
import type { PresentedError } from './kit.ts'

/** Hides the inside of whatever is not meant for clients. */
export function presentError(error: unknown): PresentedError {
  if (error instanceof DugaError) {
    const { status, code, message, indonesian, help } = error
    return { status, code, message, indonesian, help, validation: [] }
  }
  const { statusCode, message, validation } = error as FastifyError
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return {
      status: validation ? 422 : statusCode,
      code: null,
      message,
      indonesian: `Permintaan tidak valid: ${message}`,
      help: ERRORS['input.invalid'].help,
      validation: (validation ?? []) as PresentedError['validation'],
    }
  }
  const { status, en, id, help } = ERRORS.internal
  return { status, code: 'internal', message: en, indonesian: id, help, validation: [] }
}

/** Sets status, `Retry-After` and `WWW-Authenticate` where they belong, and logs what is our fault. */
export function prepareErrorReply(
  error: unknown,
  presented: PresentedError,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const { status, code } = presented
  // Busy, or without a model: said in full to the client, and no failure of ours.
  if (status === 503 && code !== null) request.log.warn({ code, path: request.url }, 'refused')
  else if (status >= 500) request.log.error({ err: error, path: request.url }, 'request failed')
  if (error instanceof DugaError && error.retryAfter !== undefined) {
    reply.header('retry-after', String(Math.max(1, Math.ceil(error.retryAfter))))
  }
  if (presented.status === 401 && !reply.hasHeader('www-authenticate')) {
    reply.header('www-authenticate', 'Bearer')
  }
  reply.code(presented.status)
}

/** The problem details of an error. */
export function toProblem(presented: PresentedError): Record<string, unknown> {
  const code = presented.code ?? 'http'
  return {
    type: `urn:duga:error:${code}`,
    title: presented.code ? presented.message : 'The request could not be read',
    status: presented.status,
    detail: presented.message,
    code,
    help: presented.help,
    ...(presented.validation.length > 0 && {
      errors: presented.validation.map(({ instancePath, message }) => ({
        pointer: instancePath,
        detail: message,
      })),
    }),
  }
}

/** The error handler of every route that no contract presents otherwise. */
export async function sendProblem(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const presented = presentError(error)
  prepareErrorReply(error, presented, request, reply)
  return reply.type('application/problem+json').send(JSON.stringify(toProblem(presented)))
}

/** What has no route. @throws DugaError request.not-found, request.method, for the error handler of the scope */
export function refuseUnknown(request: FastifyRequest, reply: FastifyReply): never {
  const path = request.url.split('?', 1)[0]!.slice(0, 200)
  const allowed = request.server.allowedMethods(path).join(', ')
  if (allowed !== '') {
    reply.header('allow', allowed)
    throw new DugaError('request.method', { allowed })
  }
  throw new DugaError('request.not-found', { what: `${request.method} ${path}` })
}
