// Cursor pages as every list under `/manage` has them.

export const pageQuery = {
  limit: { type: 'integer', minimum: 1, maximum: 500, default: 50 },
  cursor: { type: 'string', maxLength: 200, description: '`next` of the page before.' },
} as const

/** @returns schema of a page of such items */
export function pageOf(item: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return {
    type: 'object',
    required: ['items', 'next'],
    properties: {
      items: { type: 'array', items: item },
      next: { type: ['string', 'null'], description: 'Null on the last page.' },
    },
  }
}
