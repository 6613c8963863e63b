// The store's contract on MariaDB.
import { after } from 'node:test'
import { findServer } from '../../test/builders/database-server.ts'
import { storeContract } from '../../test/contracts/store.ts'
import { openDatabase } from './database.ts'

const server = await findServer('mysql')
after(() => server.close())

storeContract('MariaDB', () => openDatabase(server.newTarget()), server.skip)
