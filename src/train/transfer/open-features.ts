// What the phases of a transfer are trained on: tables of the values at which the network is cut, for every row and view.
import { join } from 'node:path'
import { DugaError } from '../../errors.ts'
import { cutModel, tailOf } from '../../onnx/cut-model.ts'
import { writeModel } from '../../onnx/model.ts'
import { checkClasses } from '../data/check-classes.ts'
import type { Side } from '../data/split-rows.ts'
import {
  type Extraction,
  type ExtractOptions,
  extractFeatures,
  type ViewKey,
} from './extract-features.ts'
import { createFeatureTable } from './feature-table.ts'
import type { HeadedNetwork } from './head.ts'
import type { Part } from './phase.ts'
import type { TransferRecipe } from './recipe.ts'
import { runOnTable } from './run-on-table.ts'
import { findStageCuts } from './stages.ts'

export interface FeatureOptions
  extends Pick<ExtractOptions, 'inputs' | 'cache' | 'seed' | 'threads' | 'signal' | 'onProgress'> {
  readonly rows: readonly (ExtractOptions['rows'][number] & { readonly label: string })[]
  /** Of each row: only training rows have augmented views. */
  readonly sides: readonly Side[]
  readonly recipe: TransferRecipe
  /** Folder for the tables. */
  readonly work: string
}

export interface Features {
  /** What to train, in this order. */
  readonly parts: readonly Part[]
  /** Rows that could be read. */
  readonly read: readonly number[]
  /** Places in the tables of each row: as it is served, then its augmented views. */
  readonly places: ReadonlyMap<number, readonly number[]>
  readonly extraction: Extraction
  /** Deletes the tables. */
  release(): Promise<void>
}

/** Wider rows are stored in half the space. */
const WIDE = 4096

/**
 * @throws DugaError `input.invalid` where fewer stages can be thawed, training.one-class, training.too-few-rows where too
 * little can be read; see extractFeatures
 */
export async function openFeatures(
  network: HeadedNetwork,
  options: FeatureOptions,
): Promise<Features> {
  const { rows, sides, recipe, work } = options
  const keys = toKeys(sides, recipe.views)
  const flat = { name: network.features, shape: [network.width] }
  const deep = recipe.unfreeze === 0 ? flat : stageCut(network, recipe.unfreeze)
  const length = deep.shape.reduce((all, dim) => all * dim, 1)
  const type = length > WIDE ? 'float16' : 'float32'
  const path = join(work, 'frozen.table')
  const table = await createFeatureTable({ path, rows: keys.length, length, type })
  const tables = [table]
  const release = async () => {
    for (const one of tables) await one.release()
  }
  try {
    const backbone = writeModel(cutModel(network.model, deep.name))
    const extraction = await extractFeatures({ ...options, keys, backbone, table, type })
    const read = [...rows.keys()].filter((row) => !extraction.skipped.has(row))
    checkClasses(
      read.map((row) => rows[row]!.label),
      'pictures',
    )
    const places = toPlaces(keys)
    const whole = { ...deep, table }
    const common = { places, read, extraction, release }
    const head = { title: 'head', recipe: recipe.first, batchStatistics: true }
    if (deep === flat) return { ...common, parts: [{ ...whole, ...head }] }
    const narrow = await createFeatureTable({
      ...{ path: join(work, 'embedding.table'), rows: keys.length, length: network.width },
      type: 'float32',
    })
    tables.push(narrow)
    await runOnTable({
      ...{ ...options, ...whole },
      model: cutModel(tailOf(network.model, deep.name, deep.shape), flat.name),
      places: read.flatMap((row) => places.get(row)!),
      onRows: async (own, values) => {
        for (const [i, place] of own.entries()) {
          await narrow.write(place, values.subarray(i * network.width, (i + 1) * network.width))
        }
      },
    })
    // Few rows would spoil the statistics that the network was trained with.
    const last = { title: 'last stages', recipe: recipe.second, batchStatistics: false }
    return {
      ...common,
      parts: [
        { ...flat, table: narrow, ...head },
        { ...whole, ...last },
      ],
    }
  } catch (error) {
    await release()
    throw error
  }
}

function stageCut(network: HeadedNetwork, stages: number) {
  const cuts = findStageCuts(network.model, network.features)
  const cut = cuts[stages - 1]
  if (cut !== undefined) return cut
  const reason = `${stages} stages cannot be unfrozen; this network can be cut before the last ${cuts.length}`
  throw new DugaError('input.invalid', { reason })
}

/** All rows as they are, then the training rows view by view. */
function toKeys(sides: readonly Side[], views: number): readonly ViewKey[] {
  const rows = [...sides.keys()]
  const training = rows.filter((row) => sides[row] === 'train')
  return Array.from({ length: views + 1 }, (_, view) =>
    (view === 0 ? rows : training).map((row) => ({ row, view })),
  ).flat()
}

function toPlaces(keys: readonly ViewKey[]): Map<number, number[]> {
  const places = new Map<number, number[]>()
  for (const [place, { row }] of keys.entries()) {
    const own = places.get(row)
    if (own === undefined) places.set(row, [place])
    else own.push(place)
  }
  return places
}
