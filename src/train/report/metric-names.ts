// What the metrics are called and mean, for people.

export interface MetricText {
  readonly name: string
  readonly about: string
}

const TEXTS: Readonly<Record<string, MetricText>> = {
  accuracy: { name: 'Accuracy', about: 'Share of rows that were right' },
  balanced_accuracy: { name: 'Balanced accuracy', about: 'Mean recall of the classes' },
  f1_macro: { name: 'Macro F1', about: 'Mean F1 of the classes' },
  f1_weighted: { name: 'Weighted F1', about: 'Mean F1, classes weighted by their rows' },
  precision_macro: { name: 'Macro precision', about: 'Mean precision of the classes' },
  recall_macro: { name: 'Macro recall', about: 'Mean recall of the classes' },
  precision_weighted: { name: 'Weighted precision', about: 'Classes weighted by their rows' },
  recall_weighted: { name: 'Weighted recall', about: 'Classes weighted by their rows' },
  precision: { name: 'Precision', about: 'Of those named positive, how many were' },
  recall: { name: 'Recall', about: 'Of the positives, how many were found' },
  f1: { name: 'F1', about: 'Harmonic mean of precision and recall' },
  roc_auc: { name: 'ROC AUC', about: 'Chance that a positive row scores above a negative one' },
  average_precision: { name: 'Average precision', about: 'Area under precision over recall' },
  log_loss: { name: 'Log loss', about: 'Mean −log of the true class’s probability' },
  brier_score: { name: 'Brier score', about: 'Mean squared error of the probabilities' },
  expected_calibration_error: {
    name: 'Calibration error',
    about: 'Mean gap between confidence and accuracy',
  },
  false_alarm_rate: { name: 'False alarms', about: 'Share of normal rows above the threshold' },
  threshold: { name: 'Threshold', about: 'At which the answer changes' },
}

/** Metrics that no one listed go by their own name. */
export function metricText(metric: string): MetricText {
  return TEXTS[metric] ?? { name: metric.replaceAll('_', ' '), about: '' }
}

/** Shares as they are, to three or four digits. */
export function figure(value: number): string {
  return Math.abs(value) >= 1e-3 || value === 0 ? value.toFixed(4) : value.toExponential(2)
}
