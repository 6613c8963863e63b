// Decoding and resizing a 1280×960 JPEG as Pillow does, against sharp's own decode and resize. Prints ratios.
// Run: node bench/images.ts
import sharp from 'sharp'
import { decodeImage } from '../src/engine/decoders/image.ts'
import { resize } from '../src/tensor/resize.ts'
import { resizeLinear } from '../src/tensor/resize-linear.ts'

const [WIDTH, HEIGHT, SIZE, ROUNDS] = [1280, 960, 224, 60]

const jpeg = await sharp(makePicture(), { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
  .jpeg({ quality: 90 })
  .toBuffer()
const picture = await decodeImage(jpeg)

const rows: [string, () => unknown][] = [
  ['sharp: decode, shrinking on load, resize', () => withSharp(true)],
  ['sharp: decode, resize', () => withSharp(false)],
  ['decode', () => decodeImage(jpeg)],
  ['decode + resize (bicubic)', async () => resize(await decodeImage(jpeg), SIZE, SIZE)],
  ['resize bicubic', () => resize(picture, SIZE, SIZE)],
  ['resize lanczos', () => resize(picture, SIZE, SIZE, { filter: 'lanczos' })],
  ['resize bilinear', () => resize(picture, SIZE, SIZE, { filter: 'bilinear' })],
  ['resize nearest', () => resize(picture, SIZE, SIZE, { filter: 'nearest' })],
  ['resize as OpenCV to 640×640', () => resizeLinear(picture, 640, 640)],
]

console.log(`${WIDTH}×${HEIGHT} JPEG of ${Math.round(jpeg.length / 1024)} kB → ${SIZE}×${SIZE}`)
const base = await measure(rows[1]![1])
for (const [name, run] of rows) {
  const { median, best } = await measure(run)
  const ratio = (median / base.median).toFixed(2)
  console.log(
    `${name.padEnd(42)} ${median.toFixed(2)} ms, best ${best.toFixed(2)} ms, ${ratio} × sharp`,
  )
}

function withSharp(fastShrinkOnLoad: boolean): Promise<Buffer> {
  const options = { fit: 'fill', kernel: 'cubic', fastShrinkOnLoad } as const
  return sharp(jpeg).resize(SIZE, SIZE, options).removeAlpha().raw().toBuffer()
}

async function measure(run: () => unknown): Promise<{ median: number; best: number }> {
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now()
    await run()
    times.push(performance.now() - start)
  }
  // The first third warms up.
  const sorted = times.slice(ROUNDS / 3).sort((a, b) => a - b)
  return { median: sorted[sorted.length >> 1]!, best: sorted[0]! }
}

/** Soft shapes with fine grain, about as hard to decode as a photograph. */
function makePicture(): Uint8Array {
  const data = new Uint8Array(WIDTH * HEIGHT * 3)
  let state = 1
  for (let i = 0; i < data.length; i++) {
    const x = Math.floor(i / 3) % WIDTH
    const y = Math.floor(i / 3 / WIDTH)
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    const shape = 128 + 90 * Math.sin(x / 37 + (i % 3)) * Math.cos(y / 53)
    data[i] = Math.max(0, Math.min(255, shape + (state >>> 28)))
  }
  return data
}
