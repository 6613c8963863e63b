// A real browser on a fresh profile, and pages that note whatever a person should never see: requests to other hosts,
// errors in the console, violations of the page's policy, answers of 400 and above.
import { existsSync } from 'node:fs'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

const CHROMIUM = '/usr/bin/chromium'
const SWITCHES =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking ' +
  '--disable-component-update --disable-sync'

// Text, because it runs in the page, whose types are not those of Node.
const REPORT_VIOLATIONS = `document.addEventListener('securitypolicyviolation', (event) =>
  console.error('policy:', event.violatedDirective, event.blockedURI))`

export interface WatchedPage {
  readonly page: Page
  /** What went wrong so far, in words; a test expects it to be empty. */
  readonly troubles: readonly string[]
  close(): Promise<void>
}

/** Null where there is no browser, or else what to tell the test runner. */
export const NO_BROWSER = existsSync(CHROMIUM) ? false : `${CHROMIUM} is not installed`

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: SWITCHES.split(' ') })
}

/** @param expected statuses that are part of the test, not a trouble */
export async function openPage(
  browser: Browser,
  url: string,
  { expected = [], ...options }: BrowserContextOptions & { expected?: readonly number[] } = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ locale: 'id-ID', ...options })
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  const troubles: string[] = []
  const { origin } = new URL(url)
  page.on('request', (request) => {
    const address = request.url()
    if (/^(data|blob):/.test(address) || new URL(address).origin === origin) return
    troubles.push(`request to ${address}`)
  })
  page.on('response', (response) => {
    if (response.status() < 400 || expected.includes(response.status())) return
    troubles.push(`${response.status()} of ${response.url()}`)
  })
  page.on('console', (message) => {
    const isExpected = expected.some((status) => message.text().includes(`status of ${status}`))
    if (message.type() !== 'error' || isExpected) return
    troubles.push(`console: ${message.text()}`)
  })
  page.on('pageerror', (error) => troubles.push(`page: ${error.message}`))
  page.on('dialog', (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  await page.addInitScript({ content: REPORT_VIOLATIONS })
  await page.goto(url)
  return { page, troubles, close: () => context.close() }
}
