// Errors in the shape that FastAPI gave them: `{"detail": …}`, for a bad body a list of where and what.
import type { PresentedError } from './kit.ts'

export interface Finding {
  readonly loc: readonly (string | number)[]
  readonly msg: string
  readonly type: string
}

/** Pydantic's names of what Ajv's keywords find. */
const TYPES: Readonly<Record<string, string>> = {
  required: 'missing',
  minItems: 'too_short',
  maxItems: 'too_long',
  minLength: 'string_too_short',
  maxLength: 'string_too_long',
  minimum: 'greater_than_equal',
  maximum: 'less_than_equal',
}

/** A body that cannot be read is 422 too, as it was; everything else keeps its status. */
export function presentFastApiError(error: PresentedError): {
  status: number
  body: { detail: string | readonly Finding[] }
} {
  if (error.validation.length > 0) {
    return { status: 422, body: { detail: error.validation.map(toFinding) } }
  }
  const unreadable = error.code === null && (error.status === 400 || error.status === 415)
  if (unreadable || error.code === 'input.invalid') {
    const type = unreadable ? 'json_invalid' : 'value_error'
    return { status: 422, body: { detail: [{ loc: ['body'], msg: error.message, type }] } }
  }
  return { status: error.status, body: { detail: error.message } }
}

function toFinding(found: PresentedError['validation'][number]): Finding {
  const { instancePath, keyword, message = 'Invalid value', params } = found
  const path = instancePath
    .split('/')
    .slice(1)
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part))
  const missing = keyword === 'required' ? [String(params.missingProperty)] : []
  const type = keyword === 'type' ? `${String(params.type)}_type` : (TYPES[keyword] ?? keyword)
  return { loc: ['body', ...path, ...missing], msg: message, type }
}
