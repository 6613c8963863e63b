// Predictions, versions and jobs as the command line and `/manage` show them: times in ISO 8601, names with underscores.
import type { Job } from '../jobs/queue.ts'
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

/** @param active the version that serves, if any */
export function presentVersion(row: VersionRow, active: string | null): Record<string, unknown> {
  return {
    version: row.version,
    active: row.version === active,
    created: new Date(row.created).toISOString(),
    parent: row.manifest.parent,
    metrics: row.manifest.metrics,
  }
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
