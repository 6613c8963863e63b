// The README's commands are run as they stand, against a server started by its own start command. Only the port and the
// home are another, so that the test can run beside anything.
import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { readmeWithSettings } from '../scripts/docs.ts'

const run = promisify(execFile)
const readme = readFileSync('README.md', 'utf8')
const blocks = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].map((match) => match[1]!)
const home = mkdtempSync(join(tmpdir(), 'duga-readme-'))
let server: ChildProcess
let port = 0

before(async () => {
  port = await freePort()
  const [start] = blocks
  assert.match(start!, /^npm ci && npm start\n$/)
  server = spawn('npm', ['start'], { env: environment(), stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise<void>((resolve, reject) => {
    server.stdout!.on('data', (chunk) => String(chunk).includes('serves') && resolve())
    server.once('exit', (code) => reject(new Error(`the server ended with ${code}`)))
  })
})

after(async () => {
  server.kill('SIGTERM')
  await once(server, 'exit')
  rmSync(home, { recursive: true })
})

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, DUGA_HOME: home, PORT: String(port), LOG_LEVEL: 'silent' }
}

async function shell(script: string): Promise<string> {
  const moved = script.replaceAll('127.0.0.1:8000', `127.0.0.1:${port}`)
  const { stdout } = await run('bash', ['-ec', moved], { env: environment() })
  return stdout
}

function blockWith(text: string): string {
  const block = blocks.find((one) => one.includes(text))
  assert.ok(block, `the README has no command with ${text}`)
  return block
}

test('a dog', async () => {
  const answer = JSON.parse(await shell(blockWith('/dog/api/predict')))
  assert.match(answer.confidence, /^\d+\.\d\d%$/)
  assert.equal(answer.is_dog, true)
})

test('a face', async () => {
  const answer = JSON.parse(await shell(blockWith('/face/api/v1/inference')))
  assert.equal(answer.prediction, 'real')
  assert.equal(answer.face_found, true)
})

test('a product, whose client logs in', async () => {
  const out = await shell(blockWith('/product/predict/'))
  const answer = JSON.parse(out.slice(out.indexOf('{')))
  assert.equal(answer.predicted_category, 'Susu')
})

test('a recording', async () => {
  const answer = JSON.parse(await shell(blockWith('/cough/predict')))
  assert.deepEqual(Object.keys(answer.raw_scores), ['cough', 'non-cough'])
  assert.match(answer.confidence, /^\d+\.\d\d%$/)
})

test('a fan that runs as it should', async () => {
  const answer = JSON.parse(await shell(blockWith('/vibration/infer')))
  assert.equal(answer.anomaly_status, false)
  assert.equal(answer.threshold_source, 'seed')
})

test('predictions without a server', async () => {
  const out = await shell(blockWith('npx duga predict'))
  assert.match(out, /"predicted_category": "Susu"/)
})

test('a training, its report and its files', async () => {
  const commands = blockWith('npx duga train').replace('product-model', join(home, 'product-model'))
  const out = await shell(commands)
  assert.match(out, /product v1\.0\.1: succeeded and serving/)
  assert.match(out, /Report: \S+index\.html/)
  assert.match(out, /product-model\/manifest\.json/)
})

test("one's own model", async () => {
  const out = await shell(blockWith('npx duga import'))
  assert.match(out, /note: .*divided by 255/)
  assert.match(out, /dog v1\.0\.1 is added/)
})

// After the training, whose version serves.
test('looking after it', async () => {
  const out = await shell(blockWith('npx duga doctor'))
  assert.match(out, /model of product: v1\.0\.1 loads/)
})

test('every block of commands is run here', () => {
  const known = [
    'npm ci && npm start',
    '/dog/api/predict',
    '/face/api/v1/inference',
    '/product/predict/',
    '/cough/predict',
    '/vibration/infer',
    'npx duga predict',
    'npx duga train',
    'npx duga import',
    'npx duga doctor',
    // By readme-database.slow.ts.
    'DATABASE_URL=',
    'npm test',
  ]
  assert.deepEqual(
    blocks.filter((block) => !known.some((text) => block.includes(text))),
    [],
  )
})

test('the table of settings equals src/config.ts', () => {
  assert.equal(readme, readmeWithSettings(readme))
})

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port: free } = probe.address() as { port: number }
  probe.close()
  await once(probe, 'close')
  return free
}
