// The real server on a free port over a fresh home. Cough and vibration, which ship without a model, are given seeded
// ones that were never trained, so that every service answers. Nothing in it is replaced.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Server, startServer } from '../../src/cli/server.ts'
import { type Config, loadConfig } from '../../src/config.ts'
import type { ServiceModule } from '../../src/http/service-module.ts'
import type { Registry } from '../../src/registry/registry.ts'
import { createServices } from '../../src/services/index.ts'
import type { VersionRow } from '../../src/store/versions.ts'
import type { Candidate } from '../../src/train/task.ts'
import { buildCoughModel } from './cough-model.ts'
import { buildVibrationModel } from './vibration-model.ts'

export interface TestServerOptions {
  /** Environment names and values, over those of a quiet test server. */
  readonly settings?: Readonly<Record<string, string>>
  /** One service at the root; default: all under their prefixes. */
  readonly standalone?: string
  /** Whether the models that ship are there; default true. */
  readonly bundled?: boolean
  /** Whether the seeded models are added and promoted; default true. */
  readonly models?: boolean
  /** A home that is there already; it is not removed. */
  readonly home?: string
  readonly services?: (config: Config) => readonly ServiceModule[]
  readonly requestTimeoutMs?: number
}

export interface TestServer {
  /** Without a slash at the end. */
  readonly url: string
  readonly home: string
  readonly server: Server
  readonly adminToken: string
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>
  /** Objects go as JSON; forms and bytes as they are. */
  post(path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>
  /** Stops the server and removes its home. */
  close(): Promise<void>
}

export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { settings = {}, standalone = null, models = true, requestTimeoutMs } = options
  const { bundled = true } = options
  const home = options.home ?? (await mkdtemp(join(tmpdir(), 'duga-server-')))
  const config = loadConfig({
    DUGA_HOME: home,
    PORT: '0',
    DUGA_LANES: '1',
    LOG_LEVEL: 'silent',
    COUGH_RATE_LIMIT: '0',
    ...settings,
  })
  const server = await startServer({
    config,
    services: (options.services ?? createServices)(config),
    version: '0.0.0',
    standalone,
    ...(!bundled && { bundled: join(home, 'no-models') }),
    ...(requestTimeoutMs !== undefined && { requestTimeoutMs }),
  })
  if (models) await addSeededModels(server.core.registry, server.core.services)
  const adminToken =
    config.adminToken ?? (await readFile(join(home, 'secrets', 'admin-token'), 'utf8')).trim()
  return {
    url: server.url,
    home,
    server,
    adminToken,
    get: (path, headers) => fetch(server.url + path, { ...(headers && { headers }) }),
    post: (path, body, headers) => fetch(server.url + path, toRequest(body, headers)),
    close: async () => {
      await server.close()
      if (options.home === undefined) await rm(home, { recursive: true })
    },
  }
}

/** Adds a candidate as the next version and makes it the one that serves. */
export async function promoteCandidate(
  registry: Registry,
  service: string,
  { manifest, files, card }: Candidate,
): Promise<VersionRow> {
  const entries = Object.entries(files).map(
    ([role, { name, content }]) => [role, { name, bytes: content }] as const,
  )
  const row = await registry.addVersion(service, {
    manifest: { ...manifest, parent: null },
    files: Object.fromEntries(entries),
    card,
  })
  await registry.promote(service, row.version)
  return row
}

async function addSeededModels(
  registry: Registry,
  services: readonly ServiceModule[],
): Promise<void> {
  const builders = { cough: buildCoughModel, vibration: buildVibrationModel }
  for (const [service, build] of Object.entries(builders)) {
    if (!services.some(({ definition }) => definition.name === service)) continue
    if ((await registry.activeVersion(service)) !== null) continue
    await promoteCandidate(registry, service, build())
  }
}

function toRequest(body: unknown, headers: Readonly<Record<string, string>> = {}): RequestInit {
  const raw =
    body === undefined ||
    typeof body === 'string' ||
    body instanceof FormData ||
    body instanceof URLSearchParams ||
    ArrayBuffer.isView(body)
  if (raw)
    return {
      method: 'POST',
      headers,
      ...(body !== undefined && { body: body as NonNullable<RequestInit['body']> }),
    }
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  }
}
