import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeTarget, parseDatabaseUrl } from './database-target.ts'

const parse = (url: string) => parseDatabaseUrl(url, 'duga.db')

test('reads the addresses of databases as their own clients do', () => {
  assert.deepEqual(parseDatabaseUrl(undefined, 'duga.db'), { kind: 'sqlite', file: 'duga.db' })
  assert.deepEqual(parse('sqlite:///tmp/a.db'), { kind: 'sqlite', file: '/tmp/a.db' })
  const base = { socket: null, password: '', tls: null }
  assert.deepEqual(parse('mysql+pymysql://root:@localhost:3306/dog_classifier_db'), {
    ...base,
    kind: 'mysql',
    host: 'localhost',
    port: 3306,
    user: 'root',
    database: 'dog_classifier_db',
  })
  assert.deepEqual(parse('postgresql://a%40b:p%2F%3A@[::1]/d%20b?sslmode=verify-full'), {
    ...base,
    kind: 'postgres',
    host: '::1',
    port: 5432,
    user: 'a@b',
    password: 'p/:',
    database: 'd b',
    tls: { check: 'host', ca: null, cert: null, key: null },
  })
  const socket = parse('mysql://root@/shop?unix_socket=/run/mysqld/mysqld.sock&charset=utf8mb4')
  assert.equal(describeTarget(socket), 'MySQL shop on /run/mysqld/mysqld.sock')
})

test('refuses what it does not know, without saying the password', () => {
  for (const [url, message] of [
    ['oracle://u:geheim@h/d', /must be sqlite:<file>, postgres:/],
    ['postgres://u:geheim@h', /must name a database/],
    ['postgres://u:geheim@h/d?sslmode=perhaps', /sslmode that is none of disable/],
    ['mysql://u:geheim@127.0.0.1/d?ssl-mode=VERIFY_IDENTITY', /must name the host/],
    ['mysql://u:geheim@h/d?autocommit=1', /parameter "autocommit"/],
  ] as const) {
    assert.throws(
      () => parse(url),
      (error: Error) => message.test(error.message) && !error.message.includes('geheim'),
    )
  }
})
