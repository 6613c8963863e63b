// Every migration by name, in the order in which they run. A new one is a file beside this one and a line here.
import type { Kysely } from 'kysely'
import type { DatabaseKind } from '../columns.ts'
import { up as initial } from './0001-initial.ts'
import { up as vibrationDevices } from './0002-vibration-devices.ts'
import { up as streamDevices } from './0003-stream-devices.ts'

export const MIGRATIONS: Readonly<
  Record<string, (db: Kysely<unknown>, kind: DatabaseKind) => Promise<void>>
> = {
  '0001-initial': initial,
  '0002-vibration-devices': vibrationDevices,
  '0003-stream-devices': streamDevices,
}
