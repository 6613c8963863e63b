// One labelled product name, and the key by which near-duplicates are kept on one side of a split.

export interface ProductRow {
  readonly name: string
  readonly category: string
  /** Near-duplicates, such as one product in several sizes, share it. */
  readonly group: string
  /** `test` rows are never trained on; they judge this version and the next. */
  readonly split: 'train' | 'test'
}

/** Words that say how much or how packed, not what. */
const SIZES = new Set(
  (
    'ml cc ltr lt liter litre gr gram kg kilo kiloan cm mm pcs pc btl botol sachet sct renteng rtg dus krt box pak ' +
    'pack isi lusin pouch klg kaleng refill promo murah ons oz rim lbr lembar'
  ).split(' '),
)

/** Letters of the name without numbers and sizes, in sort order: equal for spellings that differ in these alone. */
export function groupKey(name: string): string {
  const words =
    name
      .normalize('NFKC')
      .toLowerCase()
      .match(/\p{L}[\p{L}\p{M}]+/gu) ?? []
  const kept = [...new Set(words)].filter((word) => !SIZES.has(word)).sort()
  return kept.length > 0 ? kept.join(' ') : name.toLowerCase()
}

/** What makes two names the same row. */
export function nameKey(name: string): string {
  return name.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, ' ').trim()
}
