// What a person sees, in a real browser: the index page, both views of the API, the dog page. Skipped without chromium.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { launchBrowser, NO_BROWSER, openPage } from './builders/browser.ts'
import { startTestServer, type TestServer } from './builders/test-server.ts'

const DOG = readFileSync(new URL('../examples/dog.jpg', import.meta.url))
const PHONE = { viewport: { width: 360, height: 740 } }
const SERVICES = ['cough', 'face', 'dog', 'product', 'vibration']
const options = { skip: NO_BROWSER }

// Text, because it runs in the page.
const DROP_LARGE_FILE = `(() => {
  const dataTransfer = new DataTransfer()
  const file = new File([new Uint8Array(17 * 1024 * 1024)], 'a.jpg', { type: 'image/jpeg' })
  dataTransfer.items.add(file)
  document.getElementById('drop').dispatchEvent(new DragEvent('drop', { dataTransfer }))
})()`

let server: TestServer
let browser: Browser

before(async () => {
  if (NO_BROWSER) return
  ;[server, browser] = await Promise.all([startTestServer(), launchBrowser()])
})
after(async () => {
  if (NO_BROWSER) return
  await browser.close()
  await server.close()
})

async function noSideways(page: Page): Promise<void> {
  const { wide, view } = await page.evaluate<{ wide: number; view: number }>(
    '({ wide: document.documentElement.scrollWidth, view: document.documentElement.clientWidth })',
  )
  assert.ok(wide <= view, `${wide} wide in a view of ${view}`)
}

async function upload(page: Page, name: string, buffer = DOG): Promise<void> {
  await page.setInputFiles('#file', { name, mimeType: 'image/jpeg', buffer })
  await page.click('#send')
}

test('index page: every service and its state, in two languages', options, async () => {
  const { page, troubles, close } = await openPage(browser, server.url)
  assert.equal(await page.getByRole('listitem').count(), SERVICES.length)
  assert.equal(await page.locator('.ready').count(), SERVICES.length)
  await page.getByRole('heading', { name: 'Klasifikasi ras anjing' }).waitFor()
  await page.getByRole('link', { name: 'English' }).click()
  await page.getByRole('heading', { name: 'Dog-breed classification' }).waitFor()
  assert.equal(await page.locator('html').getAttribute('lang'), 'en')
  await page.setViewportSize(PHONE.viewport)
  await noSideways(page)
  const links = await page.evaluate<string[]>('[...document.links].map((link) => link.href)')
  assert.ok(links.length > 3 * SERVICES.length)
  for (const link of links) {
    const response = await fetch(link)
    await response.arrayBuffer()
    assert.equal(response.status, 200, link)
  }
  assert.deepEqual(troubles, [])
  await close()
})

test('a service without a model says so', options, async (t) => {
  const bare = await startTestServer({ models: false, bundled: false })
  t.after(() => bare.close())
  const { page, troubles, close } = await openPage(browser, bare.url, { locale: 'en-GB' })
  const cough = page.getByRole('listitem').filter({ hasText: 'Cough classification' })
  assert.match((await cough.textContent())!, /no model yet/)
  assert.equal(await cough.getByRole('link', { name: /Model/ }).count(), 0)
  assert.deepEqual(troubles, [])
  await close()
})

async function checkSwagger(url: string, title: string, operation: string): Promise<void> {
  const { page, troubles, close } = await openPage(browser, `${url}/docs`, PHONE)
  await page.getByRole('heading', { name: title, exact: false }).first().waitFor()
  const block = page.locator('.opblock', { has: page.locator(`[data-path="${operation}"]`) })
  await block.first().locator('.opblock-summary-control').click()
  await block.first().getByRole('button', { name: 'Try it out' }).click()
  // A file is chosen, not typed.
  await block.first().locator('input[type=file]').waitFor()
  await noSideways(page)
  assert.equal(await page.title(), `${title}: Swagger UI`)
  assert.deepEqual(troubles, [])
  await close()
}

async function checkRedoc(url: string, title: string, operation: string): Promise<void> {
  const { page, troubles, close } = await openPage(browser, `${url}/redoc`)
  await page.getByRole('heading', { name: title }).first().waitFor()
  await page.getByText(operation, { exact: true }).first().waitFor({ state: 'attached' })
  assert.equal(await page.title(), `${title}: ReDoc`)
  assert.deepEqual(troubles, [])
  await close()
}

test('Swagger UI of all services and of one', options, async () => {
  await checkSwagger(server.url, 'Duga', '/cough/predict')
  await checkSwagger(`${server.url}/dog`, 'Dog-breed classification', '/dog/api/predict')
})

test('Swagger UI: a client logs in and predicts', options, async () => {
  const { id, secret } = await server.server.core.clients.add({ name: 'Toko', scopes: ['predict'] })
  const { page, troubles, close } = await openPage(browser, `${server.url}/product/docs`)
  await page.locator('.auth-wrapper .authorize').first().click()
  const dialog = page.locator('.modal-ux')
  await dialog.locator('#client_id_clientCredentials').fill(id)
  await dialog.locator('#client_secret_clientCredentials').fill(secret)
  await dialog.getByRole('button', { name: 'Apply given OAuth2 credentials' }).click()
  await dialog.getByRole('button', { name: 'Remove authorization' }).waitFor()
  await dialog.locator('.close-modal').click()
  const block = page.locator('.opblock', { has: page.locator('[data-path="/product/predict"]') })
  await block.locator('.opblock-summary-control').click()
  await block.getByRole('button', { name: 'Try it out' }).click()
  await block.locator('textarea').fill('{"product_name":"susu ultra coklat 250ml"}')
  await block.getByRole('button', { name: 'Execute' }).click()
  await block.locator('.live-responses-table').getByText('predicted_category').first().waitFor()
  assert.deepEqual(troubles, [])
  await close()
})

test('ReDoc of all services and of one', options, async () => {
  await checkRedoc(server.url, 'Duga', '/cough/predict')
  await checkRedoc(`${server.url}/face`, 'Face anti-spoofing', '/face/api/v1/inference')
})

test('a service alone has its page, Swagger UI and ReDoc at the root', options, async (t) => {
  const alone = await startTestServer({ standalone: 'dog', models: false })
  t.after(() => alone.close())
  await checkSwagger(alone.url, 'Dog-breed classification', '/api/predict')
  await checkRedoc(alone.url, 'Dog-breed classification', '/api/predict')
  const { page, troubles, close } = await openPage(browser, alone.url)
  await upload(page, 'rex.jpg')
  await page.locator('.breed').first().waitFor()
  await page.locator('#rows img').first().waitFor()
  assert.deepEqual(troubles, [])
  await close()
})

test('dog page: picture up, breed and history back, two languages', options, async () => {
  const { page, troubles, close } = await openPage(browser, `${server.url}/dog/`)
  await page.getByText('Belum ada hasil.').waitFor()
  await upload(page, 'dog.jpg')
  const result = page.getByRole('region', { name: 'Hasil' })
  await result.locator('p.breed').waitFor()
  const breed = (await result.locator('p.breed').textContent())!
  assert.match(breed, /^[A-Z][a-z]+/)
  assert.match((await result.locator('li').first().textContent())!, /^[A-Z].*\d{1,3},\d\d%$/)
  const row = page.getByRole('table', { name: 'Riwayat' }).locator('tbody tr').first()
  await row.waitFor()
  assert.match((await row.textContent())!, new RegExp(`${breed}\\d+,\\d\\d%\\d{4}-\\d\\d-\\d\\d`))
  const picture = row.getByRole('img', { name: `Gambar untuk hasil: ${breed}` })
  await picture.evaluate('(image) => image.decode()')
  await page.getByRole('button', { name: 'English' }).click()
  await page.getByRole('heading', { name: 'What breed of dog is this?' }).waitFor()
  assert.equal(await page.locator('html').getAttribute('lang'), 'en')
  assert.match((await page.locator('#result').textContent())!, /\d\.\d\d%/)
  await page.getByRole('img', { name: `Picture of the result: ${breed}` }).waitFor()
  await page.reload()
  await page.getByRole('heading', { name: 'What breed of dog is this?' }).waitFor()
  assert.deepEqual(troubles, [])
  await close()
})

test('dog page: markup in a file name is text', options, async () => {
  const { page, troubles, close } = await openPage(browser, `${server.url}/dog/`)
  const name = '<img src=x onerror=alert(1)>.jpg'
  const pictures = await page.locator('#form img').count()
  await upload(page, name)
  await page.locator('p.breed').waitFor()
  assert.equal(await page.locator('#name').textContent(), name)
  assert.equal(await page.locator('#form img').count(), pictures)
  assert.equal(await page.locator('[onerror]').count(), 0)
  assert.deepEqual(troubles, [])
  await close()
})

test('dog page: what is no picture gets the error of the API', options, async () => {
  const url = `${server.url}/dog/`
  const { page, troubles, close } = await openPage(browser, url, { expected: [400, 415, 422] })
  await upload(page, 'note.jpg', Buffer.from('no picture at all'))
  const alert = page.getByRole('alert')
  await alert.getByText('Berkas bukan gambar yang dapat dibaca.').waitFor()
  await page.getByRole('button', { name: 'English' }).click()
  await alert.getByText(/picture|image/).waitFor()
  assert.equal(await page.locator('p.breed').count(), 0)

  // Refused before it is sent.
  const text = { name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('text') }
  await page.setInputFiles('#file', text)
  await alert.getByText('That file is not a picture.').waitFor()
  await page.evaluate(DROP_LARGE_FILE)
  await alert.getByText('That picture is too large: 16 MB at most.').waitFor()
  assert.equal(await page.getByRole('button', { name: 'Name the breed' }).isDisabled(), true)

  // The next good one is answered, and the error is gone.
  await upload(page, 'rex.jpg')
  await page.locator('p.breed').waitFor()
  assert.equal(await alert.textContent(), '')
  assert.deepEqual(troubles, [])
  await close()
})

test('dog page: by keyboard, on a phone, every control named', options, async () => {
  const url = `${server.url}/dog/`
  const { page, troubles, close } = await openPage(browser, url, { ...PHONE, colorScheme: 'dark' })
  await page.getByRole('heading', { name: 'Riwayat' }).waitFor()
  // Asked for early, so that the browser hands the chooser over when the key is pressed.
  const chooser = page.waitForEvent('filechooser')
  const focused = () =>
    page.evaluate('document.activeElement.id || document.activeElement.textContent')
  const seen: unknown[] = []
  for (let step = 0; step < 3; step++) {
    await page.keyboard.press('Tab')
    seen.push(await focused())
  }
  assert.deepEqual(seen, ['Indonesia', 'English', 'file'])
  const input = page.getByRole('button', { name: 'Unggah gambar' })
  assert.equal(await input.getAttribute('id'), 'file')
  // Space on the field opens the system's file chooser.
  await page.keyboard.press('Space')
  await (await chooser).setFiles({ name: 'rex.jpg', mimeType: 'image/jpeg', buffer: DOG })
  await page.keyboard.press('Tab')
  assert.equal(await focused(), 'send')
  await page.keyboard.press('Enter')
  await page.locator('p.breed').waitFor()
  await page.locator('#rows img').first().waitFor()
  await noSideways(page)
  const spoken = await page.locator('body').ariaSnapshot()
  const controls = spoken.split('\n').filter((line) => /- '?(button|link|meter|img)\b/.test(line))
  assert.ok(controls.length > 10, spoken)
  const unnamed = controls.filter((line) => !line.includes('"'))
  assert.deepEqual(unnamed, [])
  assert.deepEqual(troubles, [])
  await close()
})
