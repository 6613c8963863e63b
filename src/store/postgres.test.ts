// The store's contract on PostgreSQL.
import { after } from 'node:test'
import { findServer } from '../../test/builders/database-server.ts'
import { storeContract } from '../../test/contracts/store.ts'
import { openDatabase } from './database.ts'

const server = await findServer('postgres')
after(() => server.close())

storeContract('PostgreSQL', () => openDatabase(server.newTarget()), server.skip)
