// What checking a Bearer token costs: one that was verified before, and one that was not. Prints JSON lines.

import { createClients } from '../src/auth/clients.ts'
import { systemClock } from '../src/clock.ts'
import { openStores } from '../src/store/stores.ts'

const stores = await openStores({ kind: 'sqlite', file: ':memory:' }, systemClock)
const secretKey = 'a key for the bench, longer than thirty-two bytes'
const options = { store: stores.clients, clock: systemClock, secretKey, accessTokenMinutes: 30 }
const clients = createClients(options)
const { id, secret } = await clients.add({ name: 'bench' })
const { accessToken } = await clients.grant(id, secret)
await clients.verify(accessToken)

// A header is a new string in every request: hashed anew by the look-up.
const headers = Array.from({ length: 20_000 }, () => Buffer.from(accessToken).toString('latin1'))
const measure = async (what: string, work: (token: string) => unknown, count: number) => {
  const start = performance.now()
  for (const token of headers.slice(0, count)) await work(token)
  const microseconds = ((performance.now() - start) * 1000) / count
  console.log(JSON.stringify({ what, microseconds: Number(microseconds.toPrecision(3)) }))
}
await measure('peek', (token) => clients.peek(token), headers.length)
await measure('verify, remembered', (token) => clients.verify(token), headers.length)
const first = (token: string) => {
  clients.forgetVerified()
  return clients.verify(token)
}
await measure('verify, first time', first, 2000)
await stores.close()
