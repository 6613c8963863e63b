// What training data is, whatever it was read from: rows with an identity that stays, and what was left out and why.

export interface DataRow {
  /** Unique in its set and the same at every reading: a file's path within its folder, a line of a table. */
  readonly id: string
  readonly label: string
  /** Source, person or device: rows that share it never stand on two sides of a split. null: of its own. */
  readonly group: string | null
  /** SHA-256 of the content, lower-case hex. */
  readonly contentHash: string
}

/** A file, by reference: its bytes are read when they are needed. */
export interface FileRow extends DataRow {
  /** Absolute. */
  readonly path: string
  readonly bytes: number
}

/** Something that was left out. */
export interface Skipped {
  /** As a person would look for it: a path within the folder, or a file and a line. */
  readonly file: string
  readonly reason: string
}

export interface Dataset<Row extends DataRow = FileRow> {
  /** In the order of their ids. */
  readonly rows: readonly Row[]
  /** In alphabetical order (by code unit): a class's index is its place here. */
  readonly classes: readonly string[]
  readonly skipped: readonly Skipped[]
  /** What a person should know: merged labels, folders stepped into. */
  readonly notices: readonly string[]
}
