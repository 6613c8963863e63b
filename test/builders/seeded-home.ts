// A home whose cough and vibration services have seeded models, made without a server.
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openCore } from '../../src/cli/core.ts'
import { loadConfig } from '../../src/config.ts'
import { createServices } from '../../src/services/index.ts'
import type { Candidate } from '../../src/train/task.ts'
import { promoteCandidate } from './test-server.ts'

/** @param candidates by service; of several versions of one the last is active */
export async function createSeededHome(
  candidates: Readonly<Record<string, readonly Candidate[]>>,
): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'duga-seeded-'))
  const config = loadConfig({ DUGA_HOME: home, LOG_LEVEL: 'silent' })
  const core = await openCore(config, { services: createServices(config) })
  try {
    for (const [service, versions] of Object.entries(candidates)) {
      for (const version of versions) await promoteCandidate(core.registry, service, version)
    }
  } finally {
    await core.close()
  }
  return home
}
