// Writes examples/vibration.json: 24 points of a fan that runs quietly, made of gravity, its turning and noise.
// Made and not recorded, so that it may be given away; the same bytes every time.
import { writeFileSync } from 'node:fs'

/** Mean and deviation in g, about those of a balanced fan whose x axis hangs down. */
const AXES = { x: [0.991, 0.03], y: [0.0, 0.06], z: [-0.122, 0.02] } as const

let state = 1
const lines = Array.from({ length: 24 }, (_, i) => {
  const turn = Math.sin(i / 2.1)
  const [x, y, z] = Object.values(AXES).map(([mean, deviation]) =>
    round(mean + deviation * (0.2 * turn + noise())),
  ) as [number, number, number]
  return JSON.stringify({
    x_accelerometer_data: x,
    y_accelerometer_data: y,
    z_accelerometer_data: z,
    acceleration_accelerometer_data: round(Math.hypot(x, y, z)),
  })
})
const text = `{"device_id":"fan-1","data":[\n${lines.join(',\n')}\n]}\n`
writeFileSync(new URL('../examples/vibration.json', import.meta.url), text)

/** About normal: the sum of three uniform numbers. */
function noise(): number {
  let sum = 0
  for (let i = 0; i < 3; i++) {
    // The generator of Numerical Recipes; enough for an example.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    sum += state / 2 ** 32 - 0.5
  }
  return sum * 1.7
}

/** To the thousandth, as sensors of this kind give it. */
function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
