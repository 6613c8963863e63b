import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { strToU8, zipSync } from 'fflate'
import { type ColumnChoice, readLabelledNames } from './read-labelled.ts'

let folder = ''
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'duga-rows-'))
})
after(() => rm(folder, { recursive: true }))

const usable = (name: string) => /\p{L}{2}/u.test(name)

async function read(
  content: string | Uint8Array,
  columns: ColumnChoice = {},
  known: string[] = [],
) {
  const path = join(folder, 'rows.csv')
  await writeFile(path, content)
  return await readLabelledNames(path, columns, usable, known)
}

const TEXT = 'product_name,category\n"susu, coklat ½ é",Susu\nkopi “hitam”,Kopi\n'
const ROWS = [
  { name: 'susu, coklat 1⁄2 é', category: 'Susu' },
  { name: 'kopi “hitam”', category: 'Kopi' },
]

test('every encoding gives the same rows', async () => {
  const utf16 = Buffer.from(TEXT, 'utf16le')
  const swapped = Buffer.from(utf16).swap16()
  const ansi = Uint8Array.from(TEXT, (c) => (c === '“' ? 0x93 : c === '”' ? 0x94 : c.charCodeAt(0)))
  const contents = [
    TEXT,
    `\ufeff${TEXT}`,
    TEXT.replaceAll('\n', '\r\n'),
    Buffer.concat([Buffer.of(0xff, 0xfe), utf16]),
    Buffer.concat([Buffer.of(0xfe, 0xff), swapped]),
    utf16,
    ansi,
  ]
  for (const content of contents) assert.deepEqual((await read(content)).rows, ROWS)
})

test('delimiters and columns are found; others can be named', async () => {
  for (const mark of [';', '\t', '|', ',']) {
    const text = `id${mark}Item_Name${mark} LABEL \n1${mark}susu segar${mark}Susu\n`
    assert.deepEqual((await read(text)).rows, [{ name: 'susu segar', category: 'Susu' }])
  }
  const named = await read('nama;jenis\nteh;Minuman\n', { name: 'Nama', category: 'jenis' })
  assert.deepEqual(named.rows, [{ name: 'teh', category: 'Minuman' }])
  await assert.rejects(read('nama,jenis\nteh,x\n'), {
    code: 'training.columns',
    message: 'rows.csv has no column for the product name; it has: nama, jenis',
  })
})

test('rows are tidied, counted and merged', async () => {
  const { rows, notices } = await read(
    'name,label\n susu  segar ,SUSU\nsusu uht,Susu\nsusu bubuk,Susu\n123,Susu\nteh,\nkopi,Teh\nKOPI,Kopi\n',
  )
  assert.deepEqual(rows, [
    { name: 'susu segar', category: 'Susu' },
    { name: 'susu uht', category: 'Susu' },
    { name: 'susu bubuk', category: 'Susu' },
    { name: 'KOPI', category: 'Kopi' },
  ])
  assert.deepEqual(notices, [
    '2 rows without a usable name or category were left out.',
    '1 names came with several categories; the last one counts.',
    '"SUSU" was read as "Susu".',
  ])
  const known = await read('name,label\nteh,MINUMAN\n', {}, ['Minuman'])
  assert.deepEqual(known.rows, [{ name: 'teh', category: 'Minuman' }])
})

test('what cannot be used is refused with its reason', async () => {
  await assert.rejects(read(''), { code: 'training.no-rows' })
  await assert.rejects(read('name,label\n1,2\n'), { code: 'training.no-rows' })
  await assert.rejects(read(`name,label\n${'x'.repeat(3_000_000)}`), (error: Error) => {
    assert.match(error.message, /a row is longer than 1048576 characters/)
    return true
  })
  const path = join(folder, 'broken.xlsx')
  await writeFile(path, 'no zip')
  await assert.rejects(readLabelledNames(path, {}, usable, []), { code: 'training.unreadable' })
  await assert.rejects(readLabelledNames(join(folder, 'nothing'), {}, usable, []), {
    code: 'training.unreadable',
  })
})

test('a folder of workbooks is one table', async () => {
  const books = join(folder, 'books')
  await mkdir(books)
  await writeFile(join(books, 'a.xlsx'), workbook())
  await writeFile(join(books, '~$a.xlsx'), 'lock')
  await writeFile(join(books, 'b.csv'), 'name,category\nbuku,Alat Tulis\n')
  const { rows } = await readLabelledNames(books, {}, usable, [])
  assert.deepEqual(rows, [
    { name: 'susu & madu', category: 'Susu' },
    { name: 'teh "tubruk" é', category: '12' },
    { name: 'buku', category: 'Alat Tulis' },
  ])
})

/** Shared, rich, inline and numeric cells, a gap and an empty row. */
function workbook(): Uint8Array {
  const shared = [
    '<si><t>item_name</t></si>',
    '<si><t>Fixed Category Code</t></si>',
    '<si><r><t>susu </t></r><r><rPr/><t xml:space="preserve">&amp; madu</t></r></si>',
    '<si/>',
    '<si><t>Susu</t></si>',
  ].join('')
  const sheet =
    '<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="s"><v>1</v></c></row>' +
    '<row r="2"><c r="A2" t="s"><v>2</v></c><c r="B2"/><c r="C2" t="s"><v>4</v></c></row><row r="3"/>' +
    '<row r="4"><c r="A4" t="inlineStr"><is><t>teh &quot;tubruk&quot; &#233;</t></is></c>' +
    '<c r="C4"><v>12</v></c></row></sheetData></worksheet>'
  return zipSync({
    'xl/sharedStrings.xml': strToU8(`<sst>${shared}</sst>`),
    'xl/worksheets/sheet1.xml': strToU8(sheet),
    'xl/media/picture.png': new Uint8Array(10),
  })
}
