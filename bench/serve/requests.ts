// The requests of the bench, one kind a service, as an old client would send them.
import { readFileSync } from 'node:fs'
import type { LoadTarget } from './load.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
const BOUNDARY = 'duga-bench-6b1f0c'
const NAMES = ['susu ultra coklat 250ml', 'indomie goreng isi 40', 'sabun lifebuoy merah 85 gr']

export const DOG_PICTURE = new URL('../../examples/dog.jpg', import.meta.url)
const VIBRATION_BATCH = new URL('../../examples/vibration.json', import.meta.url)
export const FACE_PICTURE = new URL('../../examples/face.jpg', import.meta.url)

export function productBodies(): readonly Uint8Array[] {
  return NAMES.map((product_name) => Buffer.from(JSON.stringify({ product_name })))
}

/** The example's batch for eight devices: ordinary points, since an anomaly of each device at each call is no day's work. */
export function vibrationBodies(): readonly Uint8Array[] {
  const { data } = JSON.parse(readFileSync(VIBRATION_BATCH, 'utf8')) as { data: unknown }
  return Array.from({ length: 8 }, (_, i) =>
    Buffer.from(JSON.stringify({ device_id: `fan-${i}`, data })),
  )
}

export const toJson = (url: string, bodies: readonly Uint8Array[], token?: string): LoadTarget => ({
  url,
  bodies,
  headers: { ...JSON_TYPE, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
})

/** @param server URL of a server of all services */
export function productTarget(server: string, token: string): LoadTarget {
  return toJson(`${server}/product/predict/`, productBodies(), token)
}

export function vibrationTarget(server: string): LoadTarget {
  return toJson(`${server}/vibration/infer`, vibrationBodies())
}

export function dogTarget(server: string, picture = readFileSync(DOG_PICTURE)): LoadTarget {
  return toUpload(`${server}/dog/api/predict`, 'file', 'dog.jpg', 'image/jpeg', picture)
}

export function faceTarget(server: string, picture = readFileSync(FACE_PICTURE)): LoadTarget {
  return toUpload(`${server}/face/api/v1/inference`, 'image', 'face.jpg', 'image/jpeg', picture)
}

export function coughTarget(server: string, wav = createWav(5)): LoadTarget {
  return toUpload(`${server}/cough/predict`, 'file', 'cough.wav', 'audio/wav', wav)
}

/** One of each service. */
export function everyTarget(server: string, token: string): readonly LoadTarget[] {
  return [
    coughTarget(server),
    faceTarget(server),
    dogTarget(server),
    vibrationTarget(server),
    productTarget(server, token),
  ]
}

/** Seeded noise of a decaying tone, mono, 44.1 kHz, 16 bits. */
export function createWav(seconds: number): Uint8Array {
  const rate = 44_100
  const samples = Math.round(seconds * rate)
  const wav = Buffer.alloc(44 + samples * 2)
  wav.write('RIFF', 0)
  wav.writeUInt32LE(36 + samples * 2, 4)
  wav.write('WAVEfmt ', 8)
  wav.writeUInt32LE(16, 16)
  wav.writeUInt16LE(1, 20)
  wav.writeUInt16LE(1, 22)
  wav.writeUInt32LE(rate, 24)
  wav.writeUInt32LE(rate * 2, 28)
  wav.writeUInt16LE(2, 32)
  wav.writeUInt16LE(16, 34)
  wav.write('data', 36)
  wav.writeUInt32LE(samples * 2, 40)
  let state = 1
  for (let i = 0; i < samples; i += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    const noise = state / 2 ** 31 - 1
    const decay = Math.exp(-(i % rate) / 8000)
    const value = 20_000 * decay * (0.7 * noise + 0.3 * Math.sin(i / 20))
    wav.writeInt16LE(Math.round(value), 44 + i * 2)
  }
  return wav
}

function toUpload(
  url: string,
  field: string,
  name: string,
  type: string,
  bytes: Uint8Array,
): LoadTarget {
  const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${field}"; filename="${name}"\r\nContent-Type: ${type}\r\n\r\n`
  const body = Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${BOUNDARY}--\r\n`)])
  return {
    url,
    bodies: [body],
    headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
  }
}
