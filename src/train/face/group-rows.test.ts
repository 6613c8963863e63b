import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FileRow } from '../data/row.ts'
import { groupFaceRows } from './group-rows.ts'

function rowsOf(...ids: string[]): FileRow[] {
  return ids.map((id) => {
    const label = id.split('/', 1)[0]!
    return { id, label, group: null, contentHash: id, path: `/${id}`, bytes: 1 }
  })
}

/** Every name of both classes, twice. */
function both(toName: (person: string, take: number) => string): FileRow[] {
  const ids = ['real', 'fake'].flatMap((kind) =>
    ['andi', 'budi', 'citra', 'dewi'].flatMap((person) =>
      [1, 2].map((take) => `${kind}/${toName(person, take)}`),
    ),
  )
  return rowsOf(...ids)
}

for (const [how, toName] of [
  ['folders', (person: string, take: number) => `${person}/${take}.jpg`],
  ['folders within others', (person: string, take: number) => `site/${person}/IMG_${take}.jpg`],
  ['beginnings of names', (person: string, take: number) => `${person}_screen_${take}.png`],
  ['names before a number', (person: string, take: number) => `${person}${take}.png`],
  ['numbered names', (person: string, take: number) => `0${person}7-${take}.png`],
  [
    'names before a number in brackets',
    (person: string, take: number) => `x_${person} (${take}).png`,
  ],
] as const) {
  test(`${how} tell persons apart, real and fake together`, () => {
    const { rows, notices } = groupFaceRows(both(toName))
    for (const { id, group } of rows)
      assert.ok(group?.includes(/andi|budi|citra|dewi/.exec(id)![0]))
    assert.equal(new Set(rows.map(({ group }) => group)).size, 4)
    assert.match(notices[0]!, /^4 persons/)
  })
}

test('names that say nothing are no groups, and a notice says so', () => {
  const counted = both((person, take) => `IMG_${person.length}${take}${person.charCodeAt(0)}.jpg`)
  const numbered = ['real', 'fake'].flatMap((kind) =>
    Array.from({ length: 9 }, (_, i) => `${kind}/${kind}${i}.jpg`),
  )
  const two = ['real', 'fake'].flatMap((kind) => [
    `${kind}/a/1.jpg`,
    `${kind}/a/2.jpg`,
    `${kind}/b/1.jpg`,
  ])
  for (const rows of [counted, rowsOf(...numbered), rowsOf(...two)]) {
    const grouped = groupFaceRows(rows)
    assert.ok(grouped.rows.every(({ group }) => group === null))
    assert.match(grouped.notices[0]!, /do not tell persons apart/)
  }
})
