// What the stores beside the database take, on real servers that are started here (Debian's victoria-metrics and mosquitto).
// Run: node bench/stores.ts [outbox] [mqtt]
import process from 'node:process'
import { describeMachine, type Line, printTable } from './serve/report.ts'
import { measureMqtt } from './stores/mqtt-part.ts'
import { measureOutbox } from './stores/outbox-part.ts'

const PARTS: Readonly<Record<string, () => Promise<Line[]>>> = {
  outbox: measureOutbox,
  mqtt: measureMqtt,
}

const asked = process.argv.slice(2)
const lines: Line[] = []
for (const [name, measure] of Object.entries(PARTS)) {
  if (asked.length === 0 || asked.includes(name)) lines.push(...(await measure()))
}
console.log(`\n${describeMachine()}\n`)
printTable(lines)
