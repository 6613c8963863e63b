// Brings the bundled models into a home that has not seen them, for commands that may come before the first start.
import { fileURLToPath } from 'node:url'
import { syncBundled } from '../registry/sync-bundled.ts'
import type { Core } from './core.ts'

export const MODELS_FOLDER = fileURLToPath(new URL('../../models', import.meta.url))

/** @throws the first failure */
export async function syncModels({ registry, stores }: Core): Promise<void> {
  for (const { error } of await syncBundled(registry, stores, MODELS_FOLDER)) {
    if (error !== null) throw error
  }
}
