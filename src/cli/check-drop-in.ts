// What `duga doctor` says of a user's own model files: in use, waiting for the next start, or why they do not serve.
import { join } from 'node:path'
import { looksUnchanged, readDropInRecord } from '../commands/drop-in-record.ts'
import { findDropIn } from '../commands/find-drop-in.ts'
import type { ServiceModule } from '../http/service-module.ts'
import type { Core } from './core.ts'
import type { Finding } from './doctor.ts'

/** @returns null where there are no files @throws DugaError drop-in.missing, drop-in.several */
export async function checkDropIn(
  core: Core,
  { definition, dropIn = [] }: ServiceModule,
): Promise<Finding | null> {
  const { name } = definition
  const check = `own model of ${name}`
  const files = await findDropIn(name, dropIn, join(core.home.models, name))
  if (files === null) return null
  const paths = files.map(({ path }) => path).join(', ')
  const record = await readDropInRecord(core.stores.settings, name)
  if (record === null || !looksUnchanged(record, files)) {
    const help = 'npx duga serve imports and serves it at its start.'
    return { check, state: 'warning', found: `${paths}: not imported yet`, help }
  }
  if (record.error !== null) {
    const { message, help } = record.error
    return { check, state: 'error', found: `${paths}: ${message}`, help }
  }
  const active = (await core.registry.activeVersion(name))?.version
  const now = active === record.version ? '' : `, and ${active} serves since`
  return { check, state: 'ok', found: `${paths}: imported as ${record.version}${now}`, help: '' }
}
