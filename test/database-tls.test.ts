// An encrypted connection to PostgreSQL, checked as far as sslmode says.
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { sql } from 'kysely'
import { parseDatabaseUrl } from '../src/database-target.ts'
import { openDatabase } from '../src/store/database.ts'
import { findServer } from './builders/database-server.ts'
import { CERTIFICATE, startTlsProxy } from './builders/tls-proxy.ts'

const server = await findServer('postgres')

describe('encryption', { skip: server.skip }, async () => {
  const target = server.newTarget()
  const proxy = await startTlsProxy(target.host, target.port)
  after(async () => {
    proxy.close()
    await server.close()
  })
  const ask = async (host: string, parameters: string): Promise<string> => {
    const url = `${server.urlOf({ ...target, host, port: proxy.port })}?${parameters}`
    try {
      const db = await openDatabase(parseDatabaseUrl(url, ''))
      const { rows } = await sql<{ answer: string }>`select 'answered' as answer`.execute(db.kysely)
      await db.close()
      return rows[0]!.answer
    } catch (error) {
      return (error as { code: string }).code
    }
  }

  it('is checked as far as sslmode says', async () => {
    assert.equal(await ask('127.0.0.1', 'sslmode=require'), 'answered')
    assert.equal(await ask('localhost', 'sslmode=verify-full'), 'store.tls')
    const trusted = `sslrootcert=${CERTIFICATE}`
    assert.equal(await ask('127.0.0.1', `sslmode=verify-ca&${trusted}`), 'answered')
    assert.equal(await ask('127.0.0.1', `sslmode=verify-full&${trusted}`), 'store.tls')
    assert.equal(await ask('localhost', `sslmode=verify-full&${trusted}`), 'answered')
  })
})
