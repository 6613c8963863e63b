// Predictions, versions and jobs as the command line and `/manage` show them: times in ISO 8601, names with underscores.
import type { Job } from '../jobs/queue.ts'
import type { Promotion } from '../store/active-versions.ts'
import type { Prediction } from '../store/prediction-row.ts'
import type { VersionRow } from '../store/versions.ts'

export function presentPrediction(row: Prediction): Record<string, unknown> {
  return {
    id: row.id,
    timestamp: new Date(row.timestamp).toISOString(),
    version: row.version,
    input: row.input,
    answer: row.answer,
    label: row.label,
    confidence: row.confidence,
    duration_ms: row.durationMs,
    client: row.client,
    user_id: row.userId,
  }
}

/**
 * @param active the version that serves, if any
 * @param promotions of its service
 */
export function presentVersion(
  row: VersionRow,
  active: string | null,
  promotions: readonly Pick<Promotion, 'version' | 'forced' | 'kind'>[],
): Record<string, unknown> {
  return {
    version: row.version,
    active: row.version === active,
    created: new Date(row.created).toISOString(),
    parent: row.manifest.parent,
    gate: gateOf(row, promotions),
    metrics: row.manifest.metrics,
  }
}

/** What the gate said of a trained version, and whether it was overridden: by the training's `force` or at a promotion. */
function gateOf(
  { version, manifest }: VersionRow,
  promotions: Parameters<typeof presentVersion>[2],
): 'passed' | 'rejected' | 'forced' | null {
  const gate = manifest.origin.gate as { passed?: unknown; forced?: unknown } | null | undefined
  if (typeof gate?.passed !== 'boolean') return null
  if (gate.passed) return 'passed'
  const forced = promotions.some(
    (one) => one.version === version && one.forced && one.kind === 'promote',
  )
  return gate.forced === true || forced ? 'forced' : 'rejected'
}

/** Without its result and who runs it. */
export function presentJob(job: Job): Record<string, unknown> {
  const { id, service, status, progress, error, version, parameters } = job
  const iso = (time: number | null) => (time === null ? null : new Date(time).toISOString())
  return {
    id,
    service,
    status,
    progress,
    error,
    version,
    parameters,
    created: iso(job.created),
    started: iso(job.started),
    finished: iso(job.finished),
  }
}
