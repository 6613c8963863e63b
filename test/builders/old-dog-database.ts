// The database of an old dog service, as SQLAlchemy's models of it become tables on each kind of server.
import { readFileSync } from 'node:fs'
import { sql } from 'kysely'
import type { Database } from '../../src/store/database.ts'

const COUNTED = {
  sqlite: 'INTEGER NOT NULL PRIMARY KEY',
  postgres: 'SERIAL NOT NULL PRIMARY KEY',
  mysql: 'INTEGER NOT NULL AUTO_INCREMENT PRIMARY KEY',
} as const

const file = new URL('../../src/auth/fixtures/werkzeug.json', import.meta.url)
const [{ password, hash }] = JSON.parse(readFileSync(file, 'utf8')) as [
  { readonly password: string; readonly hash: string },
]

/** Whose password is hashed by Werkzeug. */
export const OLD_USER = { username: 'Budi', password, hash }

/** Two users and three predictions, two of them alike. */
export async function fillOldDogDatabase({ kind, kysely }: Database): Promise<void> {
  const time = kind === 'postgres' ? 'TIMESTAMP WITHOUT TIME ZONE' : 'DATETIME'
  const run = (text: string) => sql.raw(text).execute(kysely)
  await run(`CREATE TABLE users (id ${COUNTED[kind]}, username VARCHAR(80) NOT NULL UNIQUE,
    password_hash VARCHAR(${kind === 'mysql' ? 165 : 256}) NOT NULL)`)
  await run(`CREATE TABLE prediction_history (id ${COUNTED[kind]}, user_id INTEGER,
    timestamp ${time}, image_filename VARCHAR(255) NOT NULL, image_url VARCHAR(255) NOT NULL,
    predicted_breed VARCHAR(80) NOT NULL, confidence FLOAT NOT NULL,
    FOREIGN KEY(user_id) REFERENCES users (id))`)
  await run(`INSERT INTO users (username, password_hash)
    VALUES ('${OLD_USER.username}', '${hash}'), ('siti', 'pbkdf2:sha256:1000$a$00')`)
  const row = (user: string, second: number) =>
    `(${user}, '2025-05-06 07:08:0${second}', 'a.jpg', '/static/history_images/a.jpg', 'Beagle', 0.97310001)`
  await run(`INSERT INTO prediction_history
    (user_id, timestamp, image_filename, image_url, predicted_breed, confidence)
    VALUES ${[row('1', 1), row('NULL', 2), row('NULL', 2)].join(', ')}`)
}
