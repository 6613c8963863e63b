// What an importer is: other tools' files → an ONNX graph and what is known of it. One folder an importer, one line each
// in table.ts.
import type { Json } from '../json.ts'

/** A file as it is given: where it lies, and what it is called, which may be another name. */
export interface ModelFile {
  readonly path: string
  readonly name: string
}

/** A file to be imported, with enough of its content to tell what it is. */
export interface SourceFile extends ModelFile {
  readonly bytes: number
  /** The first bytes of the file, at most {@link HEAD_BYTES}. */
  readonly head: Uint8Array
}

export const HEAD_BYTES = 4096

export interface ImportOptions {
  /** Name of a custom layer or activation → the built-in one that stands for it (`--custom name=relu`). */
  readonly custom?: Readonly<Record<string, string>>
}

/** What an importer may use besides the files that it recognised. */
export interface ReadOptions extends ImportOptions {
  /** Files that are no model of their own, by name: shards of weights. */
  readonly others?: ReadonlyMap<string, string>
}

/** What an importer makes of its files. Inputs and outputs are read off the graph by onnxruntime itself. */
export interface Imported {
  /** ONNX. */
  readonly graph: Uint8Array
  /** Class names by output index, where the file holds them. */
  readonly labels: readonly string[] | null
  /** Data files that go with the graph (a vocabulary, say), by their role in the manifest. */
  readonly files: Readonly<Record<string, { readonly name: string; readonly bytes: Uint8Array }>>
  /** What the manifest's `decode` and `answer` must say to go with the graph, as far as the file says it. */
  readonly decode: { readonly [key: string]: Json }
  readonly answer: { readonly [key: string]: Json }
  /** Where it came from: version of the tool, kind of the model. Part of the manifest's `origin`. */
  readonly origin: { readonly [key: string]: Json }
  /** Layers, or steps of a pipeline, in order. */
  readonly layers: readonly ImportedLayer[]
  /** Numbers that were learnt. */
  readonly parameters: number
  /** A sentence for each guess, and for each thing that was left out. */
  readonly notices: readonly string[]
}

export interface ImportedLayer {
  readonly name: string
  /** As the tool calls it, such as `Conv2D` or `TfidfVectorizer`. */
  readonly kind: string
}

/**
 * Reads the files of one model. Files are hostile until read: whatever they hold ends in a result or in a DugaError
 * (`model.unreadable`, `model.unsupported-layer`), in time and memory bounded by their size.
 */
export type ReadModel = (
  files: readonly SourceFile[],
  options: ReadOptions,
) => Promise<Imported> | Imported

export interface Importer {
  /** Name in reports and in `origin.format`. */
  readonly format: string
  /** For messages, such as `Keras (.keras, .h5)`. */
  readonly title: string
  /** By content where the content says so; by name only where it does not. */
  readonly recognises: (file: SourceFile) => boolean
  /** Imported when it is needed: each brings a part of the program with it. */
  readonly load: () => Promise<ReadModel>
}
