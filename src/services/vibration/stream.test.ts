// Sensor data through a real Mosquitto: answered as over HTTP, each point once, whatever is lost on the way.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { until } from '../../../test/builders/serve-process.ts'
import { isMissing, startStoreServer } from '../../../test/builders/store-servers.ts'
import { startTcpProxy } from '../../../test/builders/tcp-proxy.ts'
import { createVibrationApp } from '../../../test/builders/vibration-app.ts'
import { buildVibrationModel } from '../../../test/builders/vibration-model.ts'
import { createBatch, createWindows } from '../../../test/builders/vibration-windows.ts'
import { type MqttClient, type MqttMessage, startMqttClient } from '../../streams/mqtt-client.ts'
import type { VibrationAnswer } from './answer.ts'
import type { VibrationInput } from './input.ts'

const skip = isMissing('mosquitto')
const log = { info: () => {}, warn: () => {} }

async function prepare(t: TestContext) {
  const broker = await startStoreServer('mosquitto')
  t.after(() => broker.close())
  const proxy = await startTcpProxy(broker.port)
  t.after(() => proxy.close())
  const home = await mkdtemp(join(tmpdir(), 'duga-stream-'))
  t.after(() => rm(home, { recursive: true, force: true }))
  const received: { topic: string; answer: VibrationAnswer }[] = []
  const onMessage = async ({ topic, payload }: MqttMessage): Promise<void> => {
    received.push({ topic, answer: JSON.parse(Buffer.from(payload).toString()) })
  }
  const common = { onMessage, log, retryMs: 20, maxRetryMs: 100 }
  const sensor = startMqttClient({
    ...{ url: broker.url, clientId: 'sensor', filter: 'anomalies/#', ...common },
  })
  t.after(() => sensor.close())
  await until(() => sensor.connected(), 'the sensor is connected')
  const open = async () => {
    const url = `mqtt://any:one@127.0.0.1:${proxy.port}`
    const app = await createVibrationApp(home, { environment: { DUGA_MQTT_URL: url } })
    await app.app.listen({ port: 0 })
    return app
  }
  return { broker, proxy, sensor, received, open }
}

/** Publishes until the broker has it. */
async function publish(sensor: MqttClient, device: string, body: unknown): Promise<void> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  await sensor.publish(`sensors/${device}/acceleration`, Buffer.from(text))
}

async function answersOf(
  { stores }: Awaited<ReturnType<typeof createVibrationApp>>,
  device: string,
): Promise<VibrationAnswer[]> {
  const answers: VibrationAnswer[] = []
  for await (const { input, answer } of stores.history.each('vibration')) {
    if (input === device) answers.unshift(answer as unknown as VibrationAnswer)
  }
  return answers
}

test('bodies, lists and points are answered as /infer answers them; anomalies come back', {
  skip,
}, async (t) => {
  const { sensor, received, open } = await prepare(t)
  const vibration = await open()
  t.after(() => vibration.close())
  await vibration.load(buildVibrationModel())
  const { app, messages, published, stores } = vibration
  const next = createWindows({ seed: 3 })
  const [first, second, third] = [next(), next(), next()]
  const reference: VibrationAnswer[] = []
  for (const data of [first, second, third]) {
    const payload: VibrationInput = { data, device_id: 'by-http' }
    const reply = await app.inject({ method: 'POST', url: '/infer', payload })
    reference.push(reply.json())
  }
  await publish(sensor, 'fan', { data: first })
  await publish(sensor, 'fan', [...second.slice(0, 5)])
  for (const point of second.slice(5)) await publish(sensor, 'fan', point)
  await publish(sensor, 'fan', { message_id: 7, data: third })
  await publish(sensor, 'fan', { message_id: 7, data: third })
  await until(() => messages.taken + messages.duplicate === 23, 'all messages are taken')
  assert.equal(messages.duplicate, 1)
  const answers = await answersOf(vibration, 'fan')
  const comparable = ({ timestamp: _, device_id: __, ...rest }: VibrationAnswer) => rest
  assert.deepEqual(answers.map(comparable), reference.map(comparable))
  assert.deepEqual(published.at(-1), { event: 'batch', data: { ...answers[2], data: third } })

  for (const bad of ['', '{', '5', '{"data":[]}', '[{"x_accelerometer_data":1}]', '{"data":"x"}']) {
    await publish(sensor, 'fan', bad)
  }
  await until(() => messages.malformed === 6, 'malformed messages are counted')
  await publish(sensor, 'pump', createBatch({ seed: 2, shake: 8 }))
  await until(() => received.length === 1, 'the anomaly comes back')
  const [anomaly] = await answersOf(vibration, 'pump')
  assert.deepEqual(received, [{ topic: 'anomalies/pump', answer: anomaly }])
  assert.equal((await stores.vibrationAnomalies.list({ limit: 1 }))[0]?.deviceId, 'pump')
})

test('away at start, cut off amid messages, restarted: every window once, in order', {
  skip,
}, async (t) => {
  const { broker, proxy, sensor, received, open } = await prepare(t)
  proxy.set({ state: 'refuse' })
  const first = await open()
  await until(() => proxy.connections() > 1, 'it tries again')
  proxy.set({})
  await until(async () => {
    await publish(sensor, 'fan', 'not a message')
    return first.messages.malformed > 0
  }, 'it is subscribed')
  // No model yet: messages stay with the broker, which sends them again after the cut.
  const next = createWindows({ seed: 4 })
  const windows = Array.from({ length: 30 }, next)
  for (const data of windows.slice(0, 10)) await publish(sensor, 'fan', { data })
  await until(() => first.messages.failed > 0, 'there is no model')
  proxy.reset()
  const opened = proxy.connections()
  await until(() => proxy.connections() > opened, 'it is connected again')
  await first.load(buildVibrationModel())
  await until(async () => (await answersOf(first, 'fan')).length === 10, 'ten answers', 20_000)
  // Acknowledgements that are lost on the way.
  proxy.set({ delayMs: 30 })
  for (const data of windows.slice(10, 20)) await publish(sensor, 'fan', { data })
  await until(async () => (await answersOf(first, 'fan')).length > 12, 'some answers')
  proxy.reset()
  proxy.set({})
  await until(async () => (await answersOf(first, 'fan')).length === 20, 'twenty answers')
  await first.close()

  // What comes while nobody listens waits at the broker, over its own restart too.
  for (const data of windows.slice(20, 29)) await publish(sensor, 'fan', { data })
  await publish(sensor, 'fan', createBatch({ seed: 2, shake: 8 }))
  await new Promise((resolve) => setTimeout(resolve, 1500))
  await broker.kill()
  const second = await open()
  t.after(() => second.close())
  await second.load(buildVibrationModel())
  await broker.start()
  await until(async () => (await answersOf(second, 'fan')).length === 30, 'thirty answers')
  const answers = await answersOf(second, 'fan')
  assert.deepEqual(
    answers.map(({ anomaly_status }) => anomaly_status),
    [...new Array(29).fill(false), true],
  )
  // Each is judged by one error more than the one before.
  const samples = answers.map(({ threshold_samples }) => threshold_samples ?? 0)
  assert.deepEqual(
    samples,
    Array.from({ length: 30 }, (_, i) => 400 + i),
  )
  await until(() => received.length > 0, 'the anomaly comes back')
  assert.equal(received[0]?.answer.timestamp, answers[29]?.timestamp)
})
