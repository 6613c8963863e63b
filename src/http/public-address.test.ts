import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isPublicAddress } from './public-address.ts'

const PUBLIC = [
  '1.1.1.1',
  '8.8.8.8',
  '93.184.215.14',
  '172.15.255.255',
  '172.32.0.1',
  '100.63.255.255',
  '100.128.0.1',
  '2606:4700:4700::1111',
  '2a00:1450:4001:81b::200e',
]

const REFUSED: Record<string, string[]> = {
  'this network': ['0.0.0.0', '0.1.2.3'],
  loopback: ['127.0.0.1', '127.255.255.254', '::1'],
  unspecified: ['::'],
  private: ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
  'link-local and metadata': ['169.254.169.254', '169.254.0.1', 'fe80::1', 'fe80::1%eth0'],
  'other metadata': ['100.100.100.200', '168.63.129.16', '192.0.0.192', 'fd00:ec2::254'],
  'carrier-grade NAT': ['100.64.0.1', '100.127.255.255'],
  multicast: ['224.0.0.1', '239.255.255.255', 'ff02::1'],
  'reserved, broadcast': ['240.0.0.1', '255.255.255.255'],
  'documentation, benchmarking': ['192.0.2.1', '198.51.100.1', '203.0.113.1', '198.18.0.1'],
  'IPv6 documentation': ['2001:db8::1', '3fff::1', '2001:2::1'],
  'unique local, site local': ['fc00::1', 'fdff::1', 'fec0::1'],
  'IPv4-mapped': ['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:8.8.8.8', '::ffff:0:127.0.0.1'],
  'IPv4-compatible': ['::127.0.0.1', '::7f00:1', '::8.8.8.8'],
  NAT64: ['64:ff9b::127.0.0.1', '64:ff9b::808:808', '64:ff9b:1::a00:1'],
  '6to4': ['2002:7f00:1::', '2002:808:808::1'],
  Teredo: ['2001:0:4136:e378:8000:63bf:3fff:fdd2'],
  ISATAP: ['2606:4700::5efe:7f00:1', '2606:4700::200:5efe:10.0.0.1'],
  unassigned: ['4000::1', '5f00::1', '100::1'],
  'not an address': ['', 'localhost', 'example.org', '[::1]', '1.2.3.4.5', '999.1.1.1'],
  'other spellings': ['2130706433', '0x7f.1', '0177.0.0.1', '127.1', '010.8.8.8', ' 8.8.8.8'],
}

for (const address of PUBLIC) {
  test(`${address} is public`, () => assert.equal(isPublicAddress(address), true))
}
for (const [kind, addresses] of Object.entries(REFUSED)) {
  for (const address of addresses) {
    test(`${kind}: ${address || '(empty)'} is refused`, () => {
      assert.equal(isPublicAddress(address), false)
    })
  }
}

test('no IPv6 address whose leading bits are zero is public, whatever it carries', () => {
  fc.assert(
    fc.property(fc.ipV4(), (inner) => {
      for (const prefix of ['::', '::ffff:', '64:ff9b::']) {
        assert.equal(isPublicAddress(prefix + inner), false)
      }
    }),
  )
})
