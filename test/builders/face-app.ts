// The face service alone over real HTTP, with the bundled models, and the old client's ways of calling it.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Server, startServer } from '../../src/cli/server.ts'
import { loadConfig } from '../../src/config.ts'
import { safeFetch } from '../../src/http/safe-fetch.ts'
import { toServiceModule } from '../../src/http/service-module.ts'
import { createFaceContract } from '../../src/services/face/contract.ts'
import { defineFace } from '../../src/services/face/index.ts'

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
}

export interface FaceApp {
  readonly home: string
  readonly server: Server
  send(path: string, init?: RequestInit): Promise<Reply>
  postJson(path: string, body: unknown): Promise<Reply>
  postForm(path: string, fields: Readonly<Record<string, string | Blob>>): Promise<Reply>
  close(): Promise<void>
}

/** `/inference-url` takes 127.0.0.1 for the public internet, and every name for it. */
export async function startFaceApp(
  settings: Readonly<Record<string, string>> = {},
): Promise<FaceApp> {
  const home = await mkdtemp(join(tmpdir(), 'duga-face-'))
  const fixed = { DUGA_HOME: home, PORT: '0', DUGA_LANES: '1', LOG_LEVEL: 'silent' }
  const config = loadConfig({ ...fixed, ...settings })
  const contract = createFaceContract((url, options) =>
    safeFetch(url, {
      ...options,
      resolve: async () => ['127.0.0.1'],
      isAllowed: (address) => address === '127.0.0.1',
    }),
  )
  const definition = defineFace({ threshold: config.faceThreshold })
  const services = [toServiceModule({ definition, contract, access: 'public' })]
  const server = await startServer({ config, services, version: '0.0.0', standalone: 'face' })
  const send: FaceApp['send'] = async (path, init = {}) => {
    const reply = await fetch(server.url + path, init)
    return { status: reply.status, headers: reply.headers, body: await reply.json() }
  }
  return {
    home,
    server,
    send,
    postJson: (path, body) => {
      const headers = { 'content-type': 'application/json' }
      return send(path, { method: 'POST', headers, body: JSON.stringify(body) })
    },
    postForm: (path, fields) => {
      const body = new FormData()
      for (const [name, value] of Object.entries(fields)) body.append(name, value)
      return send(path, { method: 'POST', body })
    },
    close: async () => {
      await server.close()
      await rm(home, { recursive: true })
    },
  }
}

/** The body is `{"error":"…"}` and nothing else. */
export function assertError(reply: Reply, status: number, message?: string): void {
  assert.equal(reply.status, status, JSON.stringify(reply.body))
  const body = reply.body as { error: string }
  assert.deepEqual(Object.keys(body), ['error'])
  assert.equal(body.error, message ?? body.error)
}
