// Judges a version on labelled data: asked through an engine as when it serves, reported as a training is.
import type { Clock } from '../clock.ts'
import type { Engine } from '../engine/engine.ts'
import type { ServiceDefinition } from '../engine/service.ts'
import { DugaError } from '../errors.ts'
import type { Json } from '../json.ts'
import type { VersionFiles } from '../manifest.ts'
import type { EvaluateTask } from '../train/evaluate/task.ts'
import type { Evaluation } from '../train/report/evaluation.ts'

export interface EvaluateVersion {
  readonly engine: Engine
  readonly clock: Clock
  readonly definition: ServiceDefinition<unknown, unknown>
  /** Module that exports `evaluate: EvaluateTask`. */
  readonly evaluator: URL | undefined
  readonly files: VersionFiles
  readonly parameters: { readonly data: string } & { readonly [key: string]: Json }
  /** Made, or replaced if it is there. */
  readonly reportFolder: string
  readonly signal: AbortSignal
  progress(fraction: number, message: string): void
}

export interface EvaluatedVersion {
  readonly evaluation: Evaluation
  readonly notices: readonly string[]
  readonly skipped: readonly { readonly file: string; readonly reason: string }[]
}

/** @throws DugaError evaluation.unavailable, training.*, and what loading the version throws */
export async function evaluateVersion(asked: EvaluateVersion): Promise<EvaluatedVersion> {
  const { engine, clock, definition, evaluator, files, parameters, signal } = asked
  const { name } = definition
  if (evaluator === undefined) throw new DugaError('evaluation.unavailable', { service: name })
  const { evaluate } = (await import(evaluator.href)) as { readonly evaluate: EvaluateTask }
  await engine.load(definition, files)
  const started = performance.now()
  const input = await evaluate({
    ...{ manifest: files.manifest, paths: files.paths, parameters, signal },
    ask: (one) => engine.predict(name, one, { signal }),
    progress: (fraction, message) => asked.progress(0.9 * fraction, message),
  })
  asked.progress(0.9, 'writing the report')
  const { writeReport } = await import('../train/report/write-report.ts')
  const { describeEnvironment } = await import('../train/report/environment.ts')
  const { data, ...options } = parameters
  const evaluation = await writeReport(
    asked.reportFolder,
    {
      durations: { asking: (performance.now() - started) / 1000 },
      ...(Object.keys(options).length > 0 && { parameters: options }),
      ...input,
    },
    {
      ...{ service: name, version: files.manifest.version },
      created: new Date(clock.now()).toISOString(),
      environment: describeEnvironment(),
    },
  )
  return { evaluation, notices: input.data?.notices ?? [], skipped: input.data?.skipped ?? [] }
}
