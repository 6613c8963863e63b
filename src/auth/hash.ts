// Slow hashes of passwords and client secrets: Argon2id in the encoded form `$argon2id$v=19$m=…,t=…,p=…$salt$hash`.
// Hashing runs off the thread that answers; few at once, because each takes 19 MiB.
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { DugaError } from '../errors.ts'
import { createLimiter } from './limiter.ts'
import { isWerkzeugHash, verifyWerkzeug } from './werkzeug-hash.ts'

/** OWASP's recommendation for Argon2id: 19 MiB, two passes, one lane. */
const MEMORY_KIB = 19_456
const PASSES = 2
const LENGTH = 32

const run = promisify(argon2)
const limit = createLimiter({ running: 2, waiting: 64 })

/** @throws DugaError `overloaded` */
export async function hashSecret(secret: string): Promise<string> {
  const salt = randomBytes(16)
  const hash = await derive(secret, salt, MEMORY_KIB, PASSES)
  return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=1$${toText(salt)}$${toText(hash)}`
}

/**
 * Whether a secret has this hash, ours or Werkzeug's. Takes the same time where there is no hash (null) to compare with.
 * @throws DugaError `overloaded`
 */
export async function verifySecret(secret: string, encoded: string | null): Promise<boolean> {
  if (encoded !== null && isWerkzeugHash(encoded)) {
    return inTurn(() => verifyWerkzeug(secret, encoded))
  }
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=1\$([^$]+)\$([^$]+)$/.exec(encoded ?? NONE)
  if (match === null) throw new Error('A stored hash has an unknown form.')
  const [, memory, passes, salt, expected] = match
  const hash = await derive(secret, fromText(salt!), Number(memory), Number(passes))
  return timingSafeEqual(hash, fromText(expected!)) && encoded !== null
}

const toText = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '')
const fromText = (text: string): Buffer => Buffer.from(text, 'base64')

/** Compared with where there is no hash: its secret is not known to anyone. */
const NONE = `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=1$${toText(randomBytes(16))}$${toText(
  randomBytes(LENGTH),
)}`

async function derive(
  secret: string,
  nonce: Buffer,
  memory: number,
  passes: number,
): Promise<Buffer> {
  // One spelling a text: the same letters typed on another keyboard are the same password.
  const message = secret.normalize('NFKC')
  return inTurn(() =>
    run('argon2id', { message, nonce, parallelism: 1, tagLength: LENGTH, memory, passes }),
  )
}

async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  const done = await limit(work)
  if (done === null) throw new DugaError('overloaded', { seconds: 1 }, { retryAfter: 1 })
  return done.value
}
