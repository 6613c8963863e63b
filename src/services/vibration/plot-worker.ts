// The thread that draws plots; one record in, one PNG out. Started by plotter.ts.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { parentPort } from 'node:worker_threads'
import { drawPlot } from './draw-plot.ts'
import type { PlotRecord } from './plot-record.ts'

const port = parentPort
if (port === null) throw new TypeError('This module runs as a worker thread only.')

// resvg keeps 3 MB a picture outside the heap, where V8 does not see them; unasked, it would collect far too late.
setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

port.on('message', (record: PlotRecord) => {
  try {
    const png = drawPlot(record)
    port.postMessage({ png }, [png.buffer as ArrayBuffer])
    setImmediate(collectGarbage)
  } catch (error) {
    port.postMessage({
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    })
  }
})
