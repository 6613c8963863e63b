// The pictures of completed buffers: drawn from the stored points when first asked for, the last few kept as they are.
import type { VibrationPlotStore } from '../../store/vibration-plots.ts'
import type { PlotRecord } from './plot-record.ts'
import { createPlotter } from './plotter.ts'
import { TIMESTAMP } from './timestamps.ts'

export interface Plots {
  /** A PNG; null where no plot has this timestamp. @throws DugaError overloaded, lane.lost */
  get(timestamp: string): Promise<Uint8Array | null>
  close(): Promise<void>
}

/** @param pictures most PNGs kept in memory, some 100 kB each */
export function createPlots(store: VibrationPlotStore, { pictures = 32 } = {}): Plots {
  const plotter = createPlotter()
  // In the order of the last use. A picture that several ask for at once is drawn once.
  const recent = new Map<string, Promise<Uint8Array | null>>()

  const draw = async (timestamp: string): Promise<Uint8Array | null> => {
    const record = await store.get(timestamp)
    return record === null ? null : await plotter.draw(record as unknown as PlotRecord)
  }

  return {
    get: async (timestamp) => {
      if (!TIMESTAMP.test(timestamp)) return null
      const picture = recent.get(timestamp) ?? draw(timestamp)
      recent.delete(timestamp)
      recent.set(timestamp, picture)
      if (recent.size > pictures) recent.delete(recent.keys().next().value!)
      try {
        const png = await picture
        if (png === null) recent.delete(timestamp)
        return png
      } catch (error) {
        recent.delete(timestamp)
        throw error
      }
    },
    close: () => plotter.close(),
  }
}
