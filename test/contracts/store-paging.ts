// Pages of the history, compared with filtering and sorting in memory.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import type { Stores } from '../../src/store/stores.ts'
import { prediction, T0 } from './samples.ts'

export function pagingContract(stores: () => Stores): void {
  it('pages exactly as filtering in memory does, newest first', async () => {
    const { history } = stores()
    const row = fc.record({
      timestamp: fc.integer({ min: T0, max: T0 + 50 }),
      label: fc.constantFrom('a', 'b', null),
      version: fc.constantFrom('v1.0.0', 'v1.0.1'),
      client: fc.constantFrom('one', 'two', null),
      confidence: fc.constantFrom(null, 0, 0.25, 0.5, 1),
    })
    const filter = fc.record(
      {
        from: fc.integer({ min: T0 - 1, max: T0 + 51 }),
        to: fc.integer({ min: T0 - 1, max: T0 + 51 }),
        label: fc.constantFrom('a', 'b', 'none'),
        version: fc.constantFrom('v1.0.0', 'v1.0.1'),
        client: fc.constantFrom('one', 'two'),
        minConfidence: fc.constantFrom(0, 0.25, 0.6),
        maxConfidence: fc.constantFrom(0.25, 1),
      },
      { requiredKeys: [] },
    )
    let run = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { maxLength: 40 }),
        filter,
        fc.integer({ min: 1, max: 9 }),
        async (rows, chosen, limit) => {
          const service = `paging-${run++}`
          const ids = await Promise.all(
            rows.map((given) => history.append(prediction({ ...given, service }))),
          )
          const expected = rows
            .map((given, index) => ({ ...given, id: ids[index]! }))
            .filter((given) => matches(given, chosen))
            .map(({ id }) => id)
            .sort()
            .reverse()
          const found: string[] = []
          let cursor: string | null = null
          do {
            const page: Awaited<ReturnType<typeof history.list>> = await history.list(service, {
              ...chosen,
              limit,
              ...(cursor === null ? {} : { cursor }),
            })
            assert.ok(page.items.length <= limit)
            found.push(...page.items.map(({ id }) => id))
            cursor = page.next
          } while (cursor !== null)
          assert.deepEqual(found, expected)
        },
      ),
      { numRuns: 60 },
    )
  })
}

interface Filterable {
  readonly timestamp: number
  readonly label: string | null
  readonly version: string
  readonly client: string | null
  readonly confidence: number | null
}

function matches(row: Filterable, filter: Parameters<Stores['history']['list']>[1] = {}): boolean {
  const { from, to, label, version, client, minConfidence, maxConfidence } = filter
  return (
    (from === undefined || row.timestamp >= from) &&
    (to === undefined || row.timestamp < to) &&
    (label === undefined || row.label === label) &&
    (version === undefined || row.version === version) &&
    (client === undefined || row.client === client) &&
    (minConfidence === undefined || (row.confidence ?? -1) >= minConfidence) &&
    (maxConfidence === undefined || (row.confidence ?? 2) <= maxConfidence)
  )
}
