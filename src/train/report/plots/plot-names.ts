// The plots that a report may have, by file name without extension.

export const PLOT_NAMES = ['curves', 'confusion', 'scores', 'roc', 'pr', 'calibration'] as const

export type PlotName = (typeof PLOT_NAMES)[number]
