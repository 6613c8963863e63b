// The documented status of every route for every kind of bad body.
import type { BadBody } from './bodies.ts'
import type { Operation } from './operations.ts'

type Statuses = Readonly<Record<BadBody['kind'], readonly number[]>>

const USUAL = { unreadable: [400], mistyped: [415], large: [413] } as const

/** By the beginning of `METHOD path`; the first that fits counts. */
const TABLE: readonly (readonly [start: string, statuses: Statuses])[] = [
  // FastAPI: what cannot be validated is 422, and so is what cannot be read.
  [
    'POST /vibration/infer',
    { none: [422], wrong: [422], unreadable: [422], mistyped: [422], large: [413] },
  ],
  [
    'POST /cough/predict',
    { ...USUAL, none: [422], wrong: [422], unreadable: [400, 422], mistyped: [400, 415, 422] },
  ],
  ['POST /face', { ...USUAL, none: [400], wrong: [400], mistyped: [400, 415] }],
  // These need a token, not a body.
  ...['refresh', 'logout'].map(
    (name) =>
      [
        `POST /dog/api/${name}`,
        { none: [401], wrong: [401], unreadable: [400, 401], mistyped: [401, 415], large: [413] },
      ] as const,
  ),
  ['POST /dog', { ...USUAL, none: [400], wrong: [400], mistyped: [400, 415] }],
  ['POST /auth/token', { ...USUAL, none: [400], wrong: [400], mistyped: [400, 415] }],
  ['POST /product/auth/token', { ...USUAL, none: [400], wrong: [400], mistyped: [400, 415] }],
  [
    'POST /product',
    { none: [422], wrong: [422], unreadable: [400, 422], mistyped: [415, 422], large: [413] },
  ],
  // Its bodies may have 64 MiB: what is large here is only wrong.
  [
    'POST /v2/models/{name}/infer',
    { none: [422], wrong: [422], unreadable: [400, 422], mistyped: [415, 422], large: [422] },
  ],
  [
    'POST /v2/models/{name}/versions',
    { none: [422], wrong: [422], unreadable: [400, 422], mistyped: [415, 422], large: [422] },
  ],
  [
    'POST /manage/services/{service}/rollback',
    { none: [409], wrong: [409], unreadable: [400, 409], mistyped: [409, 415], large: [413] },
  ],
  [
    'POST /manage/services/{service}/versions/{version}/promote',
    {
      none: [404],
      wrong: [404, 422],
      unreadable: [400, 404],
      mistyped: [404, 415, 422],
      large: [413],
    },
  ],
  // Takes a form of files only.
  [
    'POST /manage/services/{service}/versions',
    { ...USUAL, none: [400], wrong: [400], mistyped: [400, 415] },
  ],
  ...['clients/{id}/rotate', 'jobs/{id}/resume'].map(
    (name) =>
      [
        `POST /manage/${name}`,
        { none: [404], wrong: [404], unreadable: [400, 404], mistyped: [404, 415], large: [413] },
      ] as const,
  ),
  [
    'POST /manage',
    { none: [422], wrong: [422], unreadable: [400, 422], mistyped: [415, 422], large: [413] },
  ],
  [
    'DELETE /manage',
    { none: [404], wrong: [404], unreadable: [400, 404], mistyped: [404, 415], large: [413] },
  ],
]

/** @throws where a route is new: its statuses are to be written down here */
export function expectedStatuses(
  { method, path }: Operation,
  { kind }: BadBody,
): readonly number[] {
  const found = TABLE.find(([start]) => `${method} ${path}`.startsWith(start))
  if (!found) throw new Error(`${method} ${path} is not in the table of expected statuses`)
  return found[1][kind]
}
