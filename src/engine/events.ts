// What the engine tells whoever counts: the HTTP layer's metrics and log. Callbacks must be quick and not throw.
import type { LaneCounts } from './lane-pool.ts'

export type Stage = 'queue' | 'decode' | 'inference'

export interface EngineEvents {
  /** A request went through a stage. */
  readonly onStage?: (service: string, stage: Stage, milliseconds: number) => void
  /** A batch of so many rows goes to a lane. */
  readonly onBatch?: (service: string, rows: number) => void
  readonly onLanes?: (counts: LaneCounts) => void
  /** A lane died, could not reload a version, or an old version could not be closed. */
  readonly onTrouble?: (error: Error) => void
}
