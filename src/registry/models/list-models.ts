// The catalog as a list for people and machines: what there is, from where, on what terms, and how
// to get it.
import type { BundledModel, CatalogEntry } from './catalog-entry.ts'

export interface ListedModel {
  readonly name: string
  readonly service: string
  readonly kind: CatalogEntry['kind']
  readonly title: string
  readonly licence: string
  /** Packages with their versions, or addresses. */
  readonly source: readonly string[]
  /** How it is made, or the command that fetches it. */
  readonly how: string
}

export function listModels(catalog: readonly CatalogEntry[]): ListedModel[] {
  return catalog.map((entry) => ({
    name: entry.name,
    service: entry.service,
    kind: entry.kind,
    title: entry.title,
    licence: entry.licence.spdx,
    ...(entry.kind === 'bundled'
      ? {
          source: toSources(entry.sources),
          how: entry.rebuilt,
        }
      : { source: entry.addresses, how: `npx duga models add ${entry.name}` }),
  }))
}

/** A model without foreign sources was trained here. */
function toSources(sources: BundledModel['sources']): string[] {
  const files = Object.values(sources).map(
    (file) => `${file.registry} ${file.package} ${file.version}: ${file.path}`,
  )
  return files.length > 0 ? files : ['this repository']
}
