// The literal table of importers. The first that recognises a file gets it.
import type { Importer } from './importer.ts'

export const IMPORTERS: readonly Importer[] = []
