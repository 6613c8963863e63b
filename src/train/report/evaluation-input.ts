// What a trainer hands over so that its job gets a report: held-out rows with their truth and the candidate's scores, and
// whatever else it knows. All of it is optional but the rows; what is missing is left out of the report.
import type { Json } from '../../json.ts'

/** Where a person can see or hear the row. Give what there is. */
export interface RowReference {
  /** Name of the file within the data, the line of the table, … */
  readonly id: string
  /** Path of a picture on this machine. */
  readonly picture?: string
  /** Path of a recording on this machine. */
  readonly audio?: string
  readonly text?: string
}

/** Rows that were never used for any choice. */
interface Judged {
  /** One for each row, in order. */
  readonly rows?: readonly RowReference[]
  /** Group of each row (person, source, device): intervals then account for rows of a group being alike. */
  readonly groups?: readonly (string | null)[]
}

export interface ClassificationInput extends Judged {
  readonly kind: 'classification'
  readonly classes: readonly string[]
  /** Class index of each row. */
  readonly labels: ArrayLike<number>
  /** [rows, classes] row-major, 0..1, each row summing to 1. */
  readonly probabilities: ArrayLike<number>
  /** With two classes: `positive` is named where its probability ≥ `threshold`. Default: class 1 at 0.5. */
  readonly decision?: { readonly positive: number; readonly threshold: number }
  /** Rows on which choices were made: thresholds are suggested from them rather than from the test rows. */
  readonly validation?: {
    readonly labels: ArrayLike<number>
    readonly probabilities: ArrayLike<number>
  }
}

export interface AnomalyInput extends Judged {
  readonly kind: 'anomaly'
  /** 1 where the row is anomalous, 0 where it is normal; there may be none of either. */
  readonly labels: ArrayLike<number>
  /** Greater is more anomalous; a row counts as anomalous where its score > `threshold`. */
  readonly scores: ArrayLike<number>
  readonly threshold: number
  /** What the score is. Default: "reconstruction error". */
  readonly scoreName?: string
  /** Scores of the rows that were trained on, where the threshold comes from. */
  readonly trainingScores?: ArrayLike<number>
}

/** One epoch under Keras' names: loss, val_loss, accuracy, val_accuracy, learning_rate, seconds, … NaN where unknown. */
export type EpochRecord = Readonly<Record<string, number>> & { readonly epoch: number }

/** Splits as they were used: train, validation, test. */
export type SplitCounts = Readonly<Record<string, number>>

export interface DataSummary {
  /** Folder or file, as the call named it. */
  readonly source?: string
  /** Rows by split, by class. */
  readonly classes: Readonly<Record<string, SplitCounts>>
  /** Files or rows that could not be used. */
  readonly skipped?: readonly { readonly file: string; readonly reason: string }[]
  /** Merged labels, duplicates, dropped rows, guesses: a sentence each. */
  readonly notices?: readonly string[]
}

interface About {
  /** What was learned, in words: "TF-IDF of words and letters, linear support vector machine". */
  readonly method?: string
  readonly history?: readonly EpochRecord[]
  /** The epoch whose weights were kept. */
  readonly bestEpoch?: number
  readonly data?: DataSummary
  /** The recipe's options, seed included. */
  readonly parameters?: { readonly [key: string]: Json }
  /** Seconds by phase, in order: reading, features, training, judging. */
  readonly durations?: Readonly<Record<string, number>>
}

export type EvaluationInput = (ClassificationInput | AnomalyInput) & About

/** What the job knows besides. */
export interface ReportContext {
  readonly service: string
  readonly version: string
  /** ISO 8601, UTC. */
  readonly created: string
  readonly job?: string
  readonly gate?: { readonly passed: boolean; readonly reason: string }
  readonly notices?: readonly string[]
  /** See {@link describeEnvironment}. */
  readonly environment?: { readonly [key: string]: Json }
}
