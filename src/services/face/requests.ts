// What the face routes share when they read a request: bodies of unknown shape, field by field.
import type { FastifyRequest } from 'fastify'
import { DugaError } from '../../errors.ts'

export const ERROR_SCHEMA = {
  type: 'object',
  properties: { error: { type: 'string' } },
  required: ['error'],
} as const

type Fields = Readonly<Record<string, unknown>>

const FORM_LIMITS = { fields: 32, fieldSize: 4096, files: 4, parts: 36 }

/** The body's fields; none where it is no object. */
export function bodyOf(request: FastifyRequest): Fields {
  const { body } = request
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Fields) : {}
}

/**
 * The plain fields of a form, multipart or URL-encoded, or of a JSON body; the first of each name. Files are skipped.
 * @throws DugaError upload.malformed
 */
export async function formOf(request: FastifyRequest): Promise<Fields> {
  if (!request.isMultipart()) return bodyOf(request)
  const fields: Record<string, unknown> = Object.create(null)
  try {
    for await (const part of request.parts({ limits: FORM_LIMITS })) {
      if (part.type === 'file') part.file.resume()
      else fields[part.fieldname] ??= part.value
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'it is broken'
    throw new DugaError('upload.malformed', { reason }, { cause })
  }
  return fields
}

/** A text field; empty where it is blank or no text. */
export function textOf(value: unknown): string {
  return typeof value === 'string' && value.trim() !== '' ? value : ''
}

/**
 * A whole number, as a number or in digits (forms know only text); `otherwise` where it is left out.
 * @throws DugaError input.invalid naming the field and its range
 */
export function integerOf(
  fields: Fields,
  name: string,
  {
    min,
    max,
    otherwise,
  }: { readonly min: number; readonly max: number; readonly otherwise: number },
): number {
  const value = fields[name] ?? ''
  if (value === '') return otherwise
  const parsed = typeof value === 'string' && /^\s*\d+\s*$/.test(value) ? Number(value) : value
  if (!(typeof parsed === 'number' && Number.isInteger(parsed) && parsed >= min && parsed <= max)) {
    const reason = `${name} must be a whole number from ${min} to ${max}`
    throw new DugaError('input.invalid', { reason })
  }
  return parsed
}
