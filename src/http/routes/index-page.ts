// The page at `/` when all services run: what there is, whether it answers, and where. In Indonesian or English, as
// `?lang=` or else the browser asks. It has no script.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { AppParts } from '../app-parts.ts'
import { ICON } from '../pages/icon.ts'
import type { ServiceModule } from '../service-module.ts'
import { TEXTS } from './index-page-texts.ts'

type Language = keyof typeof TEXTS
type Texts = (typeof TEXTS)[Language]
type Parts = Pick<AppParts, 'engine' | 'readiness'>

const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; base-uri 'none'"

const STYLE = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif;
    --back: light-dark(#f4f5f7, #14181f); --card: light-dark(#fff, #1e242e);
    --text: light-dark(#1c2430, #edf0f5); --muted: light-dark(#566273, #a7b2c2);
    --line: light-dark(#d4dae3, #38424f); --accent: light-dark(#0b63ce, #7db3ff);
    --good: light-dark(#1a6b34, #7fd99a); --soft: light-dark(#e8f0fb, #24344b) }
  * { box-sizing: border-box }
  body { margin: 0 auto; max-width: 64rem; padding: 1rem; background: var(--back); color: var(--text) }
  header { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; justify-content: space-between }
  h1 { margin: 0; font-size: 1.8rem } h2 { margin: 0; font-size: 1.1rem }
  a { color: var(--accent) } a:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
  .lead { color: var(--muted); margin: .25rem 0 1.5rem }
  ul { list-style: none; margin: 0; padding: 0; display: grid; gap: 1rem;
    grid-template-columns: repeat(auto-fill, minmax(min(100%, 18rem), 1fr)) }
  li { padding: 1.25rem; border: 1px solid var(--line); border-radius: .75rem; background: var(--card) }
  .state { margin: .25rem 0 .75rem; color: var(--muted); overflow-wrap: anywhere } .ready { color: var(--good) }
  nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem } footer { margin-top: 1.5rem }
  [aria-current] { color: inherit; font-weight: 600; text-decoration: none }`

export function indexPage(
  app: FastifyInstance,
  parts: Parts,
  services: readonly ServiceModule[],
): void {
  app.get('/', { schema: { hide: true } }, (request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', POLICY)
      .header('cache-control', 'no-cache')
      .header('vary', 'accept-language')
      .send(page(languageOf(request), parts, services)),
  )
}

/** Indonesian only where it is asked for before English. */
function languageOf(request: FastifyRequest): Language {
  const { lang } = request.query as { readonly lang?: unknown }
  const asked = typeof lang === 'string' ? lang : (request.headers['accept-language'] ?? '')
  const first = /\b(id|en)\b/i.exec(asked)?.[1]?.toLowerCase()
  return first === 'id' ? 'id' : 'en'
}

function page(language: Language, parts: Parts, services: readonly ServiceModule[]): string {
  const texts = TEXTS[language]
  const items = services.map((module) => item(language, parts, module))
  return `<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Duga</title><link rel="icon" href="${ICON}"><style>${STYLE}</style></head>
<body>
<header><h1>Duga</h1><nav aria-label="Bahasa / Language">${languageLinks(language)}</nav></header>
<main>
<p class="lead">${texts.lead}</p>
<ul>
${items.join('\n')}
</ul>
</main>
<footer><nav aria-label="${texts.whole}">
<a href="/docs">${texts.whole} (Swagger UI)</a> <a href="/redoc">${texts.whole} (ReDoc)</a>
<a href="/openapi.json">OpenAPI</a> <a href="/health/ready">${texts.health}</a> <a href="/metrics">${texts.metrics}</a>
</nav></footer>
</body>
</html>
`
}

function languageLinks(current: Language): string {
  const names = { id: 'Indonesia', en: 'English' }
  return Object.entries(names)
    .map(([code, name]) => {
      const mark = code === current ? ' aria-current="true"' : ''
      return `<a href="/?lang=${code}" lang="${code}"${mark}>${name}</a>`
    })
    .join(' ')
}

function item(language: Language, { engine, readiness }: Parts, module: ServiceModule): string {
  const { name, title: english } = module.definition
  const title = language === 'id' ? (module.indonesian ?? english) : english
  const texts = TEXTS[language]
  const manifest = engine.active(name)
  const links = [
    ...(module.page ? [[`/${name}/`, texts.open]] : []),
    [`/${name}/docs`, 'Swagger UI'],
    [`/${name}/redoc`, 'ReDoc'],
    ...(manifest ? [[`/v2/models/${name}`, texts.model]] : []),
  ]
  const anchors = links.map(
    ([href, text]) =>
      `<a href="${href}" aria-label="${escapeHtml(`${text}: ${title}`)}">${text}</a>`,
  )
  const state = readiness().services[name]
  return `<li><h2>${escapeHtml(title)}</h2>
${stateLine(texts, state, manifest?.version)}
<nav aria-label="${escapeHtml(title)}">${anchors.join(' ')}</nav></li>`
}

function stateLine(texts: Texts, state = 'unknown', version?: string): string {
  if (state === 'ready') {
    return `<p class="state ready">● ${texts.ready}${version ? ` · ${escapeHtml(version)}` : ''}</p>`
  }
  if (state === 'no model') return `<p class="state">○ ${texts.noModel}</p>`
  return `<p class="state">○ ${texts.notReady}: ${escapeHtml(state)}</p>`
}

function escapeHtml(text: string): string {
  const names: Record<string, string> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot' }
  return text.replaceAll(/[&<>"]/g, (character) => `&${names[character]};`)
}
