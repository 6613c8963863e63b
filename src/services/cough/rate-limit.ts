// So many requests in any minute for each client address. In memory, of this process; time is
// passed in.
import ipaddr from 'ipaddr.js'
import type { Clock } from '../../clock.ts'
import { DugaError } from '../../errors.ts'

export interface RateLimitOptions {
  /** Requests in any minute; 0 is no limit. */
  readonly perMinute: number
  /** Addresses and CIDR ranges that are not counted. */
  readonly trusted: readonly string[]
}

const MINUTE = 60_000
/** Addresses remembered at once; beyond that the one that called first is forgotten. */
const MOST_ADDRESSES = 20_000

/**
 * A function that counts a request of an address, or refuses it. An IPv6 client is its /64: it has
 * all of it.
 * @throws DugaError cough.rate-limited (429, with the seconds until the next may come)
 */
export function createRateLimit(
  clock: Clock,
  { perMinute, trusted }: RateLimitOptions,
): (address: string) => void {
  const ranges = trusted.map(toRange)
  const requests = new Map<string, number[]>()
  return (address) => {
    if (perMinute === 0) return
    const parsed = ipaddr.process(address)
    if (ranges.some((range) => isWithin(parsed, range))) return
    const now = clock.now()
    const key = toKey(parsed)
    const recent = (requests.get(key) ?? []).filter((time) => time > now - MINUTE)
    if (recent.length >= perMinute) {
      const retryAfter = Math.ceil((recent[0]! + MINUTE - now) / 1000)
      throw new DugaError(
        'cough.rate-limited',
        { limit: perMinute, seconds: retryAfter },
        { retryAfter },
      )
    }
    recent.push(now)
    requests.delete(key)
    requests.set(key, recent)
    if (requests.size > MOST_ADDRESSES) requests.delete(requests.keys().next().value!)
  }
}

type Address = ipaddr.IPv4 | ipaddr.IPv6
type Range = readonly [Address, number]

/** @throws TypeError for what is neither an address nor a range */
function toRange(text: string): Range {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text)
  if (!ipaddr.isValid(text)) throw new TypeError(`COUGH_TRUSTED: "${text}" is not an address.`)
  const address = ipaddr.process(text)
  return [address, address.kind() === 'ipv4' ? 32 : 128]
}

function isWithin(address: Address, [network, bits]: Range): boolean {
  return address.kind() === network.kind() && address.match(network, bits)
}

function toKey(address: Address): string {
  if (address.kind() === 'ipv4') return address.toString()
  return address.toByteArray().slice(0, 8).join('.')
}
