// A fresh home for the server under test, which brings its bundled models at its first start, and a client with its token.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openCore } from '../../src/cli/core.ts'
import { loadConfig } from '../../src/config.ts'
import { createServices } from '../../src/services/index.ts'

export interface BenchHome {
  readonly folder: string
  /** Of a client that may predict; good for the whole bench. */
  readonly token: string
  remove(): Promise<void>
}

export async function createBenchHome(): Promise<BenchHome> {
  const folder = await mkdtemp(join(tmpdir(), 'duga-bench-'))
  const config = loadConfig({ DUGA_HOME: folder, ACCESS_TOKEN_MINUTES: '600' })
  const core = await openCore(config, { services: createServices(config) })
  try {
    const { id, secret } = await core.clients.add({ name: 'bench', scopes: ['predict'] })
    const { accessToken } = await core.clients.grant(id, secret)
    const remove = () => rm(folder, { recursive: true, force: true })
    return { folder, token: accessToken, remove }
  } finally {
    await core.close()
  }
}
