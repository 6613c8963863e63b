// Which plots a report has, by file name without extension.
import type { Evaluation } from '../evaluation.ts'
import { calibrationPlot } from './calibration-plot.ts'
import { confusionPlot } from './confusion-plot.ts'
import { prPlot, rocPlot } from './curve-plots.ts'
import { decisionPlot } from './decision-plot.ts'
import { historyPlot } from './history-plot.ts'
import type { Plot } from './plot.ts'
import { PLOT_NAMES, type PlotName } from './plot-names.ts'
import { scoresPlot } from './scores-plot.ts'

/** `curves` and `confusion` are always there; the others where the rows allow them. */
export function toPlots(evaluation: Evaluation): ReadonlyMap<PlotName, Plot> {
  const plots: Record<PlotName, Plot | null> = {
    curves: historyPlot(evaluation) ?? decisionPlot(evaluation),
    confusion: confusionPlot(evaluation),
    scores: scoresPlot(evaluation),
    roc: rocPlot(evaluation),
    pr: prPlot(evaluation),
    calibration: calibrationPlot(evaluation),
  }
  return new Map(
    PLOT_NAMES.flatMap((name) => (plots[name] === null ? [] : [[name, plots[name]] as const])),
  )
}
