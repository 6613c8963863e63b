// Clients of all kinds at once, until the server is gone: predictions over JSON, uploads, promotions to and fro. Keeps
// what was answered, which a server may not forget.
import { readFileSync } from 'node:fs'
import { createBatch } from './vibration-windows.ts'

export interface Answered {
  readonly service: string
  readonly id: string
  /** Of a stored picture. */
  readonly url: string | null
}

/** What promotions of one service came to. */
export interface Promotions {
  /** The last that was answered. */
  confirmed: string
  /** The last that was asked for. */
  asked: string
}

export interface TrafficOptions {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly productHeaders: Readonly<Record<string, string>>
  /** By service; changed as it goes. */
  readonly promotions: Readonly<Record<string, Promotions>>
  readonly versions: readonly [string, string]
  readonly signal: AbortSignal
}

const example = (name: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(readFileSync(new URL(`../../examples/${name}`, import.meta.url)))
const FILES = { cough: example('cough.wav'), dog: example('dog.jpg'), face: example('face.jpg') }

/** Runs until the signal fires; answers that come after it are not counted. */
export async function runTraffic(options: TrafficOptions): Promise<readonly Answered[]> {
  const answered: Answered[] = []
  const keep = async (service: string, response: Response): Promise<void> => {
    const text = await response.text()
    if (response.status !== 200) throw new Error(`${service}: ${response.status} ${text}`)
    const { image_url: url = null } = JSON.parse(text) as { image_url?: string }
    answered.push({ service, id: response.headers.get('x-duga-prediction')!, url })
  }
  const json = (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
    fetch(options.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
  const upload = (path: string, field: string, bytes: Uint8Array<ArrayBuffer>, type: string) => {
    const body = new FormData()
    body.set(field, new Blob([bytes], { type }), 'a.bin')
    return fetch(options.url + path, { method: 'POST', body })
  }
  const clients: readonly (() => Promise<void>)[] = [
    async () => keep('vibration', await json('/vibration/infer', createBatch())),
    async () => keep('vibration', await json('/vibration/infer', createBatch({ shake: 8 }))),
    async () => {
      const body = { product_name: 'susu ultra coklat 250ml' }
      await keep('product', await json('/product/predict', body, options.productHeaders))
    },
    async () => keep('cough', await upload('/cough/predict', 'file', FILES.cough, 'audio/wav')),
    async () => keep('dog', await upload('/dog/api/predict', 'file', FILES.dog, 'image/jpeg')),
    async () =>
      keep('face', await upload('/face/api/v1/inference', 'image', FILES.face, 'image/jpeg')),
    ...Object.entries(options.promotions).map(([service, state]) => async () => {
      const [one, two] = options.versions
      state.asked = state.confirmed === one ? two : one
      const path = `/manage/services/${service}/versions/${state.asked}/promote`
      const response = await json(path, { force: true }, options.headers)
      const text = await response.text()
      if (response.status !== 200) throw new Error(`${service}: ${response.status} ${text}`)
      state.confirmed = state.asked
    }),
  ]
  await Promise.all(clients.map((client) => repeat(client, options.signal)))
  return answered
}

/** A client's calls one after the other. What fails before the server is killed fails the test. */
async function repeat(call: () => Promise<void>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await call()
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }
}
