// Judging a version on a sensor table whose rows name their state; see train/evaluate/task.ts.
import { DugaError } from '../../errors.ts'
import { threshold } from '../../tensor/dynamic-threshold.ts'
import { askAll } from '../../train/evaluate/ask-all.ts'
import type { EvaluateTask } from '../../train/evaluate/task.ts'
import { percentile } from '../../train/metrics/percentile.ts'
import { readLabelledWindows } from '../../train/vibration/read-windows.ts'
import { VIBRATION_RECIPE } from '../../train/vibration/recipe.ts'
import type { VibrationAnswer } from './answer.ts'
import { toInput } from './score-windows.ts'
import { toVibrationSpec } from './spec.ts'

/** Parameters: `data`, and `normal`, the state of the rows that are as they should be, where it is not guessed. */
export const evaluate: EvaluateTask = async (context) => {
  const { manifest, parameters, signal, progress } = context
  const { normal } = parameters
  progress(0, 'reading')
  const data = await readLabelledWindows(String(parameters.data), {
    ...{ recipe: VIBRATION_RECIPE, signal },
    ...(typeof normal === 'string' && { normal }),
  })
  const { windows } = data
  if (windows.length === 0) {
    throw new DugaError('training.too-few-rows', { category: 'windows', count: 0, needed: 1 })
  }
  const { kept } = await askAll(context, {
    rows: windows,
    inputOf: ({ values }) => toInput(values),
    keep: ({ answer }) => Float32Array.of((answer as VibrationAnswer).reconstruction_error),
    nameOf: ({ id }) => id,
  })
  const judged = windows.filter((_, i) => kept[i] !== null)
  const scores = kept.flatMap((values) => (values === null ? [] : [values[0]!]))
  const labels = judged.map(({ label }) => (label === 'normal' ? 0 : 1))
  const { initial, quantile } = toVibrationSpec(manifest)
  const own = threshold(initial, { quantile })
  const notices = [...data.notices]
  if (own === null) {
    notices.push('The version has no threshold of its own: that of these normal windows is taken.')
  }
  const normals = scores.filter((_, i) => labels[i] === 0)
  return {
    kind: 'anomaly',
    ...{ labels, scores },
    threshold: own ?? percentile(normals.length > 0 ? normals : scores, 100 * quantile),
    rows: judged.map(({ id, speed }) => ({ id, ...(speed !== '' && { text: `speed ${speed}` }) })),
    groups: judged.map(({ group }) => group),
    data: {
      source: String(parameters.data),
      classes: {
        normal: { test: normals.length },
        anomalous: { test: labels.length - normals.length },
      },
      ...{ skipped: data.skipped, notices },
    },
  }
}
