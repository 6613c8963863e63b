// Tells addresses of the public internet from all others: what a server may fetch for somebody else.
// Only arithmetic on a literal address; names are resolved by the caller.
import ipaddr from 'ipaddr.js'

/** Public by its range, yet answered by the cloud's own machinery (Azure's wire server). */
const CLOUD_INTERNAL = new Set(['168.63.129.16'])

/**
 * Whether an address literal is ordinary public unicast (IANA special-purpose registries, RFC 6890).
 * Everything else is refused: loopback, private, link-local (cloud metadata among it), carrier-grade NAT,
 * multicast, documentation, reserved, unique-local, and every IPv6 form that carries an IPv4 address
 * (mapped, compatible, translated, NAT64, 6to4, Teredo, ISATAP), since those reach what the IPv4 address names.
 * @param address IPv4 or IPv6 literal, without brackets; a scope id (`fe80::1%eth0`) is refused
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address) || address.includes('%')) return false
  const parsed = ipaddr.parse(address)
  if (parsed instanceof ipaddr.IPv4) {
    return (
      ipaddr.IPv4.isValidFourPartDecimal(address) &&
      parsed.range() === 'unicast' &&
      !CLOUD_INTERNAL.has(address)
    )
  }
  return isGlobalUnicast(parsed) && !isIsatap(parsed) && parsed.range() === 'unicast'
}

/** 2000::/3 is all that IANA has given out; the rest of "unicast" is unassigned or IPv4-compatible. */
function isGlobalUnicast(address: ipaddr.IPv6): boolean {
  return address.parts[0]! >> 13 === 1
}

/** Interface identifier 0000:5efe:a.b.c.d or 0200:5efe:a.b.c.d (RFC 5214). */
function isIsatap(address: ipaddr.IPv6): boolean {
  return (address.parts[4]! & 0xfdff) === 0 && address.parts[5] === 0x5efe
}
