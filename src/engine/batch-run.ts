// Runs the rows of several items through one graph and hands each item its own rows back. Pure over `run`: the same for
// lanes and in place. Batched and alone give equal outputs; an item that makes a batch fail, fails alone.
import type { Tensor, Tensors } from '../tensor/tensor.ts'
import type { Rows } from './lane-protocol.ts'
import { concatRows, sliceRows } from './rows.ts'

export type Run = (feeds: Tensors) => Promise<Tensors>

export type ItemOutcome =
  | { readonly ok: true; readonly outputs: Tensors }
  | { readonly ok: false; readonly error: unknown }

/**
 * @param items of equal trailing shapes; together at most `maxBatch` rows, or a single item of any number of rows
 * @returns an outcome an item, in order; never throws for what the graph throws
 */
export async function runBatch(
  run: Run,
  items: readonly Rows[],
  maxBatch: number,
): Promise<readonly ItemOutcome[]> {
  if (items.length === 1) return [await attempt(() => runItem(run, items[0]!, maxBatch))]
  const together = await attempt(() => runTogether(run, items))
  if (together.ok) return together.outputs.map((outputs) => ({ ok: true, outputs }))
  const outcomes: ItemOutcome[] = []
  for (const item of items) outcomes.push(await attempt(() => runItem(run, item, maxBatch)))
  return outcomes
}

async function runTogether(run: Run, items: readonly Rows[]): Promise<readonly Tensors[]> {
  const total = items.reduce((sum, item) => sum + item.rows, 0)
  const outputs = await run(concatRows(items.map((item) => item.feeds)))
  checkRows(outputs, total)
  let start = 0
  return items.map(({ rows }) => {
    const own = sliceRows(outputs, start, start + rows)
    start += rows
    return own
  })
}

async function runItem(run: Run, { rows, feeds }: Rows, maxBatch: number): Promise<Tensors> {
  if (rows <= maxBatch) {
    const outputs = await run(feeds)
    // A graph for exactly one picture may answer in any shape (a detector's boxes, say).
    if (maxBatch > 1) checkRows(outputs, rows)
    return outputs
  }
  const parts: Tensors[] = []
  for (let start = 0; start < rows; start += maxBatch) {
    const end = Math.min(start + maxBatch, rows)
    const part = await run(sliceRows(feeds, start, end))
    checkRows(part, end - start)
    parts.push(part)
  }
  return concatRows(parts)
}

function checkRows(outputs: Tensors, rows: number): void {
  for (const [name, tensor] of Object.entries(outputs) as [string, Tensor][]) {
    if (tensor.dims[0] !== rows) {
      const shape = `[${tensor.dims.join(', ')}]`
      throw new Error(`output "${name}" has the shape ${shape} for a batch of ${rows} rows`)
    }
  }
}

async function attempt<T>(
  work: () => Promise<T>,
): Promise<{ readonly ok: true; readonly outputs: T } | { readonly ok: false; error: unknown }> {
  try {
    return { ok: true, outputs: await work() }
  } catch (error) {
    return { ok: false, error }
  }
}
