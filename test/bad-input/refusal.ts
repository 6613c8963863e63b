// What a refusal looks like on each part of the API, and what must never stand in one.
import assert from 'node:assert/strict'

type Body = Readonly<Record<string, unknown>>

interface Shape {
  readonly type: RegExp
  readonly fits: (body: Body) => boolean
}

const JSON_TYPE = /^application\/json/
const isText = (value: unknown): boolean => typeof value === 'string' && value.length > 0

/** FastAPI: a text, or findings with place, message and kind. */
const DETAIL: Shape = {
  type: JSON_TYPE,
  fits: ({ detail }) =>
    isText(detail) ||
    (Array.isArray(detail) &&
      detail.length > 0 &&
      detail.every(({ loc, msg, type }) => Array.isArray(loc) && isText(msg) && isText(type))),
}
const ERROR: Shape = { type: JSON_TYPE, fits: ({ error }) => isText(error) }
const ERROR_OR_MESSAGE: Shape = {
  type: JSON_TYPE,
  fits: ({ error, message }) => isText(error) || isText(message),
}
const PROBLEM: Shape = {
  type: /^application\/problem\+json/,
  fits: ({ type, title, status, detail }) =>
    isText(type) && isText(title) && Number.isInteger(status) && isText(detail),
}
const OAUTH_ERRORS = [
  'invalid_request',
  'invalid_client',
  'invalid_scope',
  'unsupported_grant_type',
]
const OAUTH: Shape = {
  type: JSON_TYPE,
  fits: ({ error, error_description: description }) =>
    OAUTH_ERRORS.includes(String(error)) && isText(description),
}

const SHAPES: readonly (readonly [prefix: string, shape: Shape])[] = [
  ['/auth', OAUTH],
  ['/product/auth', OAUTH],
  ['/cough', DETAIL],
  ['/vibration', DETAIL],
  ['/product', DETAIL],
  ['/face', ERROR],
  ['/dog', ERROR_OR_MESSAGE],
  ['/v2', ERROR],
  ['', PROBLEM],
]

/** Stack frames, our own files and folders, names of the code inside. */
const LEAKS =
  /\n\s+at |node:internal|node_modules|file:\/\/|\/src\/|\.ts:\d|duga-server-|SQLITE|SyntaxError|TypeError/

/**
 * Asserts that an answer refuses as its part of the API does.
 * @param expected the statuses that will do
 */
export function assertRefusal(
  path: string,
  answer: { readonly status: number; readonly type: string; readonly text: string },
  expected: readonly number[],
  about: string,
): void {
  const shown = `${about}: ${answer.status} ${answer.text.slice(0, 300)}`
  assert.ok(expected.includes(answer.status), `${shown}; expected ${expected.join(' or ')}`)
  const [, shape] = SHAPES.find(([prefix]) => path === prefix || path.startsWith(`${prefix}/`))!
  assert.match(answer.type, shape.type, shown)
  assert.ok(shape.fits(JSON.parse(answer.text)), `the body has another shape: ${shown}`)
  assertNoLeak(answer.text, about)
}

export function assertNoLeak(text: string, about: string): void {
  assert.doesNotMatch(text, LEAKS, about)
}

/** The parts of a response that the assertions look at. */
export async function readAnswer(
  response: Response,
): Promise<{ status: number; type: string; text: string }> {
  const type = response.headers.get('content-type') ?? ''
  return { status: response.status, type, text: await response.text() }
}
