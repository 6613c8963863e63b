// Signs and verifies JWTs (HS256 and nothing else) with the claims of Flask-JWT-Extended: fresh, type, jti, nbf.
// `gen` is the subject's generation; who checks it against the store is verifier.ts.
import { createSecretKey, randomUUID } from 'node:crypto'
import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose'
import type { Clock } from '../clock.ts'
import { DugaError } from '../errors.ts'

export interface TokenClaims {
  /** A client's id, or a user's id as text. */
  readonly sub: string
  readonly jti: string
  readonly type: 'access' | 'refresh'
  readonly fresh: boolean
  readonly gen: number
  /** Separated by blanks; only in tokens of clients. */
  readonly scope: string
  /** Seconds since the Unix epoch. */
  readonly exp: number
}

export interface TokenSigner {
  /** @param lifetime seconds */
  sign(claims: Omit<TokenClaims, 'jti' | 'exp'>, lifetime: number): Promise<string>
  /**
   * Checks signature, issuer, audience, times and form; not whether it was revoked.
   * @throws DugaError `token.invalid`, `token.expired`
   */
  verify(token: string): Promise<TokenClaims>
}

const ISSUER = 'duga'

/** @param audience keeps the tokens of clients and users apart, even where their keys are equal */
export function createTokenSigner(
  secret: string,
  audience: 'clients' | 'users',
  clock: Clock,
): TokenSigner {
  const key = createSecretKey(secret, 'utf8')
  return {
    sign: async ({ sub, ...claims }, lifetime) => {
      const now = Math.floor(clock.now() / 1000)
      return new SignJWT({ ...claims })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .setIssuer(ISSUER)
        .setAudience(audience)
        .setSubject(sub)
        .setJti(randomUUID())
        .setIssuedAt(now)
        .setNotBefore(now)
        .setExpirationTime(now + lifetime)
        .sign(key)
    },
    verify: async (token) => {
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: ['HS256'],
          issuer: ISSUER,
          audience,
          requiredClaims: ['sub', 'jti', 'exp'],
          currentDate: new Date(clock.now()),
        })
        return toClaims(payload)
      } catch (error) {
        if (error instanceof errors.JWTExpired) {
          throw new DugaError('token.expired', {}, { cause: error })
        }
        if (error instanceof errors.JOSEError) {
          throw new DugaError('token.invalid', {}, { cause: error })
        }
        throw error
      }
    },
  }
}

function toClaims(payload: JWTPayload): TokenClaims {
  const { sub, jti, exp, type, fresh, gen, scope } = payload
  const whole =
    typeof sub === 'string' &&
    typeof jti === 'string' &&
    typeof exp === 'number' &&
    (type === 'access' || type === 'refresh') &&
    typeof fresh === 'boolean' &&
    typeof gen === 'number' &&
    typeof scope === 'string'
  if (!whole) throw new DugaError('token.invalid')
  return { sub, jti, exp, type, fresh, gen, scope }
}
