// Converts one file as `duga convert` does, in a process of its own, and says as a line of JSON how long that took and what
// memory it needed at most. Run: node bench/import/convert-once.ts <model> <where the graph is written>
import { writeFile } from 'node:fs/promises'
import process from 'node:process'
import { convertModel } from '../../src/commands/convert-model.ts'

const [model, graph] = process.argv.slice(2)
if (model === undefined || graph === undefined)
  throw new Error('give a model and a path for its graph')
const start = performance.now()
const { files } = await convertModel([model], { custom: {}, labels: null })
await writeFile(graph, files.model!.bytes)
const seconds = (performance.now() - start) / 1000
console.log(JSON.stringify({ seconds, peakMb: process.resourceUsage().maxRSS / 1024 }))
