// Password hashes as Werkzeug (Flask) keeps them: `scrypt:N:r:p$salt$hex` and `pbkdf2:<digest>:<iterations>$salt$hex`.
// Only compared, never made: whoever logs in gets a hash of ours.
import { type BinaryLike, pbkdf2, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const runScrypt = promisify<BinaryLike, BinaryLike, number, ScryptOptions, Buffer>(scrypt)
const runPbkdf2 = promisify(pbkdf2)

const SCRYPT = /^scrypt:(\d{1,8}):(\d{1,3}):(\d{1,3})\$([^$]+)\$([0-9a-f]+)$/
const PBKDF2 = /^pbkdf2:(sha1|sha224|sha256|sha384|sha512):(\d{1,8})\$([^$]+)\$([0-9a-f]+)$/

/** Memory of scrypt is 128·N·r bytes; Werkzeug's own parameters take 32 MiB. */
const MAX_MEMORY = 256 * 1024 * 1024

export function isWerkzeugHash(encoded: string): boolean {
  return SCRYPT.test(encoded) || PBKDF2.test(encoded)
}

/** Whether a password has this hash. @throws RangeError where scrypt's parameters need more than 256 MiB */
export async function verifyWerkzeug(password: string, encoded: string): Promise<boolean> {
  const expected = Buffer.from(encoded.slice(encoded.lastIndexOf('$') + 1), 'hex')
  const key = await derive(password, encoded, expected.length)
  return timingSafeEqual(key, expected)
}

async function derive(password: string, encoded: string, length: number): Promise<Buffer> {
  const [, digest, iterations, pbkdf2Salt] = PBKDF2.exec(encoded) ?? []
  if (digest) return runPbkdf2(password, pbkdf2Salt!, Number(iterations), length, digest)
  const [, N, r, p, salt] = SCRYPT.exec(encoded) ?? []
  const options = { N: Number(N), r: Number(r), p: Number(p), maxmem: MAX_MEMORY }
  return runScrypt(password, salt!, length, options)
}
