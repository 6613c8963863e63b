// What a user's name and password must be. Length over composition, as NIST SP 800-63B advises.
import { DugaError } from '../errors.ts'

const USERNAME = /^[A-Za-z0-9._@-]{3,80}$/
const SHORTEST = 8
const LONGEST = 128
const COMMON = new Set(['password', 'qwertyuiop', 'qwerty123', 'password1', 'iloveyou', 'sandi123'])
const SEQUENCES = ['01234567890', '98765432109', 'abcdefghijklmnopqrstuvwxyz']

/** @throws DugaError `username.invalid` */
export function checkUsername(username: string): void {
  if (!USERNAME.test(username)) throw new DugaError('username.invalid')
}

/** @throws DugaError `password.weak` */
export function checkPassword(password: string, username: string): void {
  const reason = findWeakness(password, username.toLowerCase())
  if (reason !== null) throw new DugaError('password.weak', { reason })
}

function findWeakness(password: string, name: string): string | null {
  const lower = password.toLowerCase()
  if (password.length < SHORTEST) return `it has fewer than ${SHORTEST} characters`
  if (password.length > LONGEST) return `it has more than ${LONGEST} characters`
  if (lower === name) return 'it is the user name'
  if (COMMON.has(lower)) return 'it is one of the most common'
  if (new Set(lower).size < 3) return 'it repeats one or two characters'
  if (SEQUENCES.some((sequence) => sequence.includes(lower))) return 'it is a sequence'
  return null
}
