// The fit of the Python service: TF-IDF of words, at most 15,000, and a calibrated linear SVM with five folds, on 6,000
// names. Writes the names to a file where one is named, for the other side to fit the same.
import { writeFileSync } from 'node:fs'
import process from 'node:process'
import { TFIDF_DEFAULTS } from '../../src/tensor/text/tfidf.ts'
import { fitNameClassifier } from '../../src/train/product/fit-classifier.ts'
import { PRODUCT_RECIPE } from '../../src/train/product/recipe.ts'
import { createRandom } from '../../src/train/random.ts'
import { repeat } from './repeat.ts'

const [NAMES, CATEGORIES, BRANDS] = [6000, 15, 700]
const SYLLABLES = 'ka ri so ma ta bu li no wa de ngi pu tra me jo sa ba lu ki ran'.split(' ')

const random = createRandom(1)
const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!
const word = (): string =>
  Array.from({ length: 2 + Math.floor(random() * 3) }, () => pick(SYLLABLES)).join('')
const words = (count: number): string[] => Array.from({ length: count }, word)

const shared = words(900)
const categories = Array.from({ length: CATEGORIES }, (_, i) => {
  return { name: `category ${i}`, kinds: words(4), flavours: words(6), brands: words(BRANDS) }
})
const rows = Array.from({ length: NAMES }, (_, i) => {
  const { name: category, kinds, flavours, brands } = categories[i % CATEGORIES]!
  const brand = pick(random() < 0.7 ? brands : shared)
  const size = `${pick([50, 90, 150, 250, 500, 800])} ${pick(['g', 'ml'])}`
  const name = [pick(kinds), brand, pick(flavours), size].join(' ')
  return { name, category, group: String(i), split: 'train' as const }
})

const file = process.argv[2]
if (file !== undefined) writeFileSync(file, JSON.stringify(rows))
const recipe = { ...PRODUCT_RECIPE, vectorizers: [{ ...TFIDF_DEFAULTS, maxFeatures: 15_000 }] }
await repeat(async () => {
  fitNameClassifier(rows, recipe, 1)
})
