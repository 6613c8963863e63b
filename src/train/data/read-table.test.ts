import assert from 'node:assert/strict'
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type TestContext, test } from 'node:test'
import { zipSync } from 'fflate'
import { DugaError } from '../../errors.ts'
import { readTable } from './read-table.ts'

const WISHES = {
  name: { what: 'the name', names: ['name'] },
  category: { what: 'the category', names: ['category', 'label'] },
}

function makeFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'duga-table-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

async function read(path: string): Promise<string[]> {
  const rows: string[] = []
  for await (const { id, cells } of readTable(path, WISHES)) {
    rows.push(`${id} ${cells.name}=${cells.category}`)
  }
  return rows
}

const failsWith =
  (code: string, message = /./) =>
  (error: unknown): boolean =>
    error instanceof DugaError && error.code === code && message.test(error.message)

test('a folder of tables in every encoding, and a workbook with formulas and merged cells', async (t) => {
  const folder = makeFolder(t)
  const text = 'Name;Label\r\nKäse;Süß\r\n'
  writeFileSync(join(folder, '1-utf8.csv'), text)
  writeFileSync(join(folder, '2-utf16.csv'), Buffer.from(`\ufeff${text}`, 'utf16le'))
  writeFileSync(join(folder, '3-windows.CSV'), Buffer.from(text, 'latin1'))
  writeFileSync(join(folder, '.hidden.csv'), 'no table')
  writeFileSync(join(folder, '~$open.xlsx'), 'no workbook')
  const cell = (at: string, value: string) => `<c r="${at}" t="str">${value}</c>`
  const sheet = [
    `<row r="1">${cell('A1', '<v>category</v>')}${cell('C1', '<v>name</v>')}</row>`,
    `<row r="2">${cell('A2', '<v>Tea</v>')}${cell('C2', '<f>"Te"&amp;"h"</f><v>Teh</v>')}</row>`,
    `<row r="3">${cell('C3', '<v>Kopi</v>')}</row>`,
    `<row r="4"><c r="A4" t="e"><f>1/0</f><v>#DIV/0!</v></c>${cell('C4', '<f>NOW()</f>')}</row>`,
    `<row r="5">${cell('A5', '<v>Heading</v>')}</row>`,
  ].join('')
  const xml = `<worksheet><sheetData>${sheet}</sheetData><mergeCells count="2"><mergeCell ref="A2:A3"/><mergeCell ref="A5:C5"/></mergeCells></worksheet>`
  writeFileSync(join(folder, '4.xlsx'), zipSync({ 'xl/worksheets/sheet1.xml': Buffer.from(xml) }))
  assert.deepEqual(await read(folder), [
    '1-utf8.csv:2 Käse=Süß',
    '2-utf16.csv:2 Käse=Süß',
    '3-windows.CSV:2 Käse=Süß',
    '4.xlsx:2 Teh=Tea',
    '4.xlsx:3 Kopi=Tea',
    '4.xlsx:4 =Heading',
  ])
})

test('wrong columns, no file, no table: each is said', async (t) => {
  const folder = makeFolder(t)
  const path = join(folder, 'x.csv')
  await assert.rejects(read(path), failsWith('training.unreadable', /not there/))
  await assert.rejects(read(folder), failsWith('training.unreadable', /no \.csv/))
  writeFileSync(path, 'Name,Price\na,1\n')
  await assert.rejects(read(path), failsWith('training.columns', /category; it has: Name, Price/))
  writeFileSync(path, '')
  assert.deepEqual(await read(path), [])
})

test('a line of 50 MB without an end is refused and not held', async (t) => {
  const path = join(makeFolder(t), 'long.csv')
  const piece = Buffer.alloc(1 << 20, 'a')
  await pipeline(function* () {
    yield 'name,category\n'
    for (let i = 0; i < 50; i++) yield piece
  }, createWriteStream(path))
  await assert.rejects(read(path), failsWith('training.unreadable', /longer than/))
})
