// Numbers of a bench in a form that people compare: median, spread, table.
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'

export interface Line {
  readonly what: string
  readonly goal: string
  readonly measured: string
  /** null where there is no goal. */
  readonly reached: boolean | null
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}

/** `12.3 (12.0 … 12.9)` */
export function show(values: readonly number[], digits = 2): string {
  const [least, most] = [Math.min(...values), Math.max(...values)]
  return `${median(values).toFixed(digits)} (${least.toFixed(digits)} … ${most.toFixed(digits)})`
}

/** What the figures depend on. */
export function describeMachine(): string {
  const versionOf = (name: string): string => {
    const file = new URL(`../../node_modules/${name}/package.json`, import.meta.url)
    return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
  }
  const libraries = ['fastify', 'onnxruntime-node', 'sharp'].map(
    (name) => `${name} ${versionOf(name)}`,
  )
  const memory = (totalmem() / 2 ** 30).toFixed(0)
  return [
    `${availableParallelism()} cores of ${cpus()[0]?.model ?? 'an unknown processor'}, ${memory} GB`,
    `Node ${process.versions.node}, ${libraries.join(', ')}`,
    `load average ${loadavg()
      .map((value) => value.toFixed(2))
      .join(' ')}`,
  ].join('\n')
}

/** Fails where a run had any error: its figures mean nothing. */
export function refuseErrors(what: string, errors: Readonly<Record<string, number>>): void {
  if (Object.keys(errors).length > 0) throw new Error(`${what}: ${JSON.stringify(errors)}`)
}

export function printTable(lines: readonly Line[]): void {
  const rows = lines.map(({ what, goal, measured, reached }) => [
    what,
    goal,
    measured,
    reached === null ? '' : reached ? 'yes' : 'NO',
  ])
  const all = [['what', 'goal', 'measured: median (least … most)', 'reached'], ...rows]
  const widths = [0, 1, 2].map((i) => Math.max(...all.map((row) => row[i]!.length)))
  for (const row of all) {
    console.log(row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  '))
  }
}
