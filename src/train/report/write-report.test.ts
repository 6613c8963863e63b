// Reports as folders of files: two classes with recordings, many classes with pictures, anomalies, and rows that leave
// most of a report undefined. What a page holds is text unless it was made here.
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { decodeAudio } from '../../engine/decoders/audio.ts'
import { decodeImage } from '../../engine/decoders/image.ts'
import { createRandom } from '../random.ts'
import { encodeWav } from './embed-media.ts'
import { describeEnvironment } from './environment.ts'
import type { ClassificationInput, EvaluationInput, ReportContext } from './evaluation-input.ts'
import { escapeHtml } from './page/html.ts'
import { writeReport } from './write-report.ts'

const PICTURE = fileURLToPath(
  new URL('../../engine/decoders/fixtures/images/rgb.jpg', import.meta.url),
)
const HOSTILE = `</script><script>alert('1')</script>"&<img src=x onerror=alert(1)>$&{b}`
const context: ReportContext = {
  ...{ service: 'cough', version: 'v1.0.1', created: '2026-01-02T03:04:05.000Z', job: 'j1' },
  gate: { passed: false, reason: 'Worse: 60.0% right against 70.0%.' },
  notices: ['2 rows were empty'],
  environment: describeEnvironment(),
}
let home = ''

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'duga-report-'))
})
after(() => rm(home, { recursive: true }))

/** Seeded probabilities that are right more often than not. */
function rowsOf(classes: readonly string[], count: number, absent = -1): ClassificationInput {
  const random = createRandom(classes.length)
  const n = classes.length
  const known = classes.map((_, c) => c).filter((c) => c !== absent)
  const labels = Array.from({ length: count }, () => known[Math.floor(random() * known.length)]!)
  const probabilities = labels.flatMap((label) => {
    const raw = classes.map((_, c) => random() ** 2 + (c === label ? 0.6 : 0))
    const sum = raw.reduce((total, value) => total + value, 0)
    return raw.map((value) => value / sum)
  })
  assert.equal(probabilities.length, count * n)
  return { kind: 'classification', classes, labels, probabilities }
}

async function report(name: string, input: EvaluationInput, about: ReportContext = context) {
  const folder = join(home, 'reports', name)
  const evaluation = await writeReport(folder, input, about)
  const files = (await readdir(folder)).sort()
  for (const file of files.filter((one) => one.endsWith('.png'))) {
    const { data, width } = await decodeImage(await readFile(join(folder, file)))
    // A plot without its font would be nearly white.
    const dark = data.reduce((sum, level) => sum + (level < 128 ? 1 : 0), 0) / data.length
    assert.ok(width >= 800 && dark > 0.003, `${file}: ${width} wide, ${dark} dark`)
  }
  const page = await readFile(join(folder, 'index.html'), 'utf8')
  const bare = page.replaceAll(/;base64,[^"]*"/g, ';base64,"')
  // Nothing runs, nothing is fetched, nothing that is not there is printed.
  const bad =
    /<script|<img src=x|<[^>]* on\w+=|src="(?!data:)|href=|url\((?!#)|undefined|NaN|\[object/g
  assert.deepEqual(
    [...bare.matchAll(bad)].map(({ index }) => bare.slice(index - 40, index + 60)),
    [],
  )
  const json = JSON.parse(await readFile(join(folder, 'report.json'), 'utf8'))
  return { evaluation, files, page, json }
}

const PLOTS = ['calibration.png', 'confusion.png', 'curves.png']
const WITH_CURVES = [...PLOTS, 'pr.png', 'roc.png']

test('two classes: threshold, history and players, whatever files and names hold', async () => {
  const input = rowsOf(['non-cough', HOSTILE], 120)
  const wav = join(home, 'clip.wav')
  await writeFile(
    wav,
    encodeWav(
      Float32Array.from({ length: 800 }, (_, i) => Math.sin(i)),
      8000,
    ),
  )
  await writeFile(join(home, 'bad.wav'), 'no sound')
  const rows = Array.from({ length: 120 }, (_, i) => ({
    ...{ id: `${HOSTILE} ${i}`, audio: i % 3 === 0 ? join(home, ['bad', 'gone'][i % 2]!) : wav },
  }))
  const history = [1, 2, 3].map((epoch) => ({ epoch, loss: 1 / epoch, val_loss: Number.NaN }))
  const { page, json, files } = await report('binary', {
    ...{ ...input, rows, history, bestEpoch: 2, decision: { positive: 1, threshold: 0.6 } },
    groups: rows.map((_, i) => `person ${i % 30}`),
    data: {
      source: HOSTILE,
      classes: { [HOSTILE]: { train: 5, test: 2 } },
      skipped: [{ file: HOSTILE, reason: HOSTILE }],
      notices: [HOSTILE],
    },
    parameters: { [HOSTILE]: HOSTILE },
    method: HOSTILE,
  })
  assert.deepEqual(files, [...WITH_CURVES, 'index.html', 'report.json'].sort())
  assert.ok(page.includes(escapeHtml(HOSTILE)))
  assert.ok(page.includes('Kept, does not serve'))
  assert.equal(json.metrics.threshold, 0.6)
  assert.equal(json.history[0].val_loss, null)
  assert.equal(json.roc_curve[HOSTILE].thresholds[0], null)
  assert.deepEqual(Object.keys(json.thresholds.thresholds), ['equal_error_rate', 'youden', 'f1'])
  for (const [low, high] of Object.values(json.intervals) as [number, number][]) {
    assert.ok(low <= high)
  }
  const [, player] = /<audio controls preload="none" src="data:audio\/wav;base64,([^"]+)"/.exec(
    page,
  )!
  const { sampleRate, channels } = await decodeAudio(Buffer.from(player!, 'base64'), {
    maxSeconds: 9,
  })
  assert.equal(sampleRate, 16_000)
  assert.ok(Math.abs(channels[0]!.length - 1600) < 50)
})

test('many classes with pictures: everything is there, and the page stays small', async () => {
  const classes = Array.from({ length: 130 }, (_, i) => `breed with a rather long name ${i}`)
  const input = rowsOf(classes, 900, 7)
  const rows = Array.from({ length: 900 }, (_, i) => ({ id: `${i}.jpg`, picture: PICTURE }))
  const { page, json } = await report('many', { ...input, rows })
  assert.equal(json.confusion_matrix.matrix.length, 130)
  assert.equal(json.classification_report[classes[7]!].roc_auc, null)
  assert.equal(json.classification_report['macro avg'].support, 900)
  assert.ok(page.includes('the 60 most confused of 130 classes'))
  assert.ok(page.includes('Classes without a held-out row: 1 of 130.'))
  assert.equal(page.match(/<img src="data:image\/jpeg/g)?.length, 36)
  assert.ok(page.length < 3_000_000, `${page.length} characters`)
})

test('media of a page are bounded', async () => {
  const input = rowsOf(['a', 'b', 'c'], 300)
  const wav = join(home, 'long.wav')
  await writeFile(wav, encodeWav(new Float32Array(48_000 * 60), 48_000))
  const rows = Array.from({ length: 300 }, (_, i) => ({ id: `${i}`, audio: wav, picture: PICTURE }))
  const { page } = await report('long', { ...input, rows })
  const players = page.match(/<audio/g)!.length
  assert.ok(players >= 10 && players <= 36, `${players} players`)
  assert.ok(page.length < 5_500_000, `${page.length} characters`)
})

test('anomalies: scores, both thresholds, false alarms', async () => {
  const random = createRandom(5)
  const labels = Array.from({ length: 200 }, (_, i) => (i < 150 ? 0 : 1))
  const scores = labels.map((label) => 0.01 + random() * 0.05 + label * 0.05 * random())
  const input: EvaluationInput = { kind: 'anomaly', labels, scores, threshold: 0.06 }
  const { files, json, page } = await report('anomaly', { ...input, trainingScores: [0.01, 0.05] })
  assert.deepEqual(
    files.filter((file) => file.endsWith('png')),
    ['confusion.png', 'curves.png', 'pr.png', 'roc.png', 'scores.png'],
  )
  const alarms = scores.filter((score, i) => labels[i] === 0 && score > 0.06).length
  assert.ok(Math.abs(json.metrics.false_alarm_rate - alarms / 150) < 1e-12)
  assert.ok(page.includes('reconstruction error'))

  const normal = { ...input, labels: labels.slice(0, 150), scores: scores.slice(0, 150) }
  const alone = await report('normal', normal)
  assert.equal(alone.json.metrics.roc_auc, undefined)
  assert.equal(alone.json.metrics.recall, undefined)
  assert.ok(alone.page.includes('need normal and anomalous rows'))
  assert.ok(!alone.files.includes('roc.png') && alone.files.includes('scores.png'))
})

test('one class, one row, nothing wrong, equal scores: what is undefined is left out', async () => {
  const only = { service: 'dog', version: 'v1.0.0', created: context.created }
  const row: EvaluationInput = {
    ...{ kind: 'classification', classes: ['a', 'b'], labels: [1], probabilities: [0.25, 0.75] },
    history: [{ epoch: 1, loss: 0.5 }],
  }
  const { json, files, page } = await report('one', row, only)
  assert.deepEqual(files, [...PLOTS, 'index.html', 'report.json'].sort())
  assert.equal(json.metrics.accuracy, 1)
  assert.equal(json.metrics.roc_auc, undefined)
  assert.ok(page.includes('None: every one of the 1 held-out rows was right.'))
  const below: EvaluationInput = {
    ...{ kind: 'anomaly', labels: [0, 1, 0], scores: [-3, -1, 0], threshold: -2 },
    scoreName: 'log-likelihood',
  }
  assert.equal((await report('below', below, only)).json.metrics.recall, 1)
  const zero: EvaluationInput = { kind: 'anomaly', labels: [0, 1], scores: [0, 0], threshold: 0 }
  assert.equal((await report('zero', zero, only)).json.metrics.roc_auc, 0.5)
})

test('a report takes the place of the one before; rows that do not fit leave it there', async () => {
  const folder = join(home, 'reports', 'again')
  await mkdir(`${folder}.partial`, { recursive: true })
  await writeFile(join(`${folder}.partial`, 'left'), 'by a killed process')
  await report('again', rowsOf(['a', 'b', 'c'], 30))
  const { files } = await report('again', {
    kind: 'anomaly',
    labels: [0],
    scores: [1],
    threshold: 2,
  })
  assert.ok(!files.includes('calibration.png') && !files.includes('left'))
  for (const bad of [
    { ...rowsOf(['a', 'b'], 3), labels: [0, 1, 2] },
    { ...rowsOf(['a', 'b'], 3), labels: [0, 1] },
    { ...rowsOf(['a', 'b'], 3), labels: [], probabilities: [] },
    { ...rowsOf(['a', 'b'], 3), rows: [{ id: 'x' }] },
    { kind: 'anomaly', labels: [0], scores: [Number.NaN], threshold: 2 } as const,
  ]) {
    await assert.rejects(writeReport(folder, bad, context), RangeError)
  }
  assert.deepEqual((await readdir(folder)).sort(), files)
  assert.ok(!(await readdir(join(home, 'reports'))).some((name) => name.endsWith('.partial')))
})
