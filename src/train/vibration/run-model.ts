// Windows through a graph that takes them raw, many at once.
import { loadSession, type Session } from '../../engine/runtime.ts'
import type { Tensor, Tensors } from '../../tensor/tensor.ts'

/** points × 4 values, point after point: x, y, z, acceleration. */
export type WindowValues = ArrayLike<number>

/** Windows that are run at once. */
const RUN = 1024

/** @param visit is given the outputs by name, row after row, and how many rows they are of */
export async function runAll(
  model: Uint8Array,
  windows: readonly WindowValues[],
  points: number,
  visit: (outputs: Readonly<Record<string, Float32Array>>, rows: number) => void,
): Promise<void> {
  const session = await loadSession(model)
  try {
    for (let start = 0; start < windows.length; start += RUN) {
      const part = windows.slice(start, start + RUN)
      const outputs = Object.entries(await session.run({ input: toInput(part, points) }))
      const arrays = outputs.map(([name, tensor]) => [name, tensor.data as Float32Array])
      visit(Object.fromEntries(arrays), part.length)
    }
  } finally {
    await session.release()
  }
}

/** What goes in and what comes out, named as in a golden file. */
export async function runModel(
  model: Uint8Array,
  windows: readonly WindowValues[],
  points: number,
): Promise<Tensors> {
  const session: Session = await loadSession(model)
  try {
    const input = toInput(windows, points)
    const outputs = Object.entries(await session.run({ input }))
    const named = outputs.map(([name, tensor]) => [`output.${name}`, tensor])
    return { 'input.input': input, ...Object.fromEntries(named) }
  } finally {
    await session.release()
  }
}

function toInput(windows: readonly WindowValues[], points: number): Tensor {
  const data = new Float32Array(windows.length * points * 4)
  for (const [i, values] of windows.entries()) data.set(values, i * points * 4)
  return { type: 'float32', dims: [windows.length, points, 4], data }
}
