// Swagger UI and ReDoc, their assets served from here: /docs, /redoc and /openapi.json, whole and per service.
import { createReadStream, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { ICON } from '../pages/icon.ts'
import { underPrefix } from './openapi.ts'

const require = createRequire(import.meta.url)

// swagger-ui and ReDoc set inline styles; ReDoc starts a worker from a blob.
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "font-src 'self' data:; connect-src 'self'; worker-src blob:; frame-ancestors 'none'; base-uri 'none'"

const ASSETS = {
  'swagger-ui-bundle.js': 'text/javascript',
  'swagger-ui.css': 'text/css',
} as const

// The one picture that ReDoc's bundle fetches from another host; without it its own code shows none.
const FOREIGN_LOGO = /https:\/\/cdn\.redoc\.ly\/[\w./-]+/g

// Swagger UI has dark colours but leaves it to the page to ask for them.
const START_SWAGGER = `const dark = matchMedia('(prefers-color-scheme: dark)')
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches)
dark.addEventListener('change', follow)
follow()
SwaggerUIBundle({
  url: document.body.dataset.url, dom_id: '#docs', deepLinking: true, validatorUrl: null })`

// Its widest row of buttons is wider than a phone.
const NARROW =
  '<style>@media (max-width: 30rem) { .swagger-ui .try-out .btn { margin: 0 0 0 .25rem; padding: 5px 8px } }</style>'

const START_REDOC = `Redoc.init(document.body.dataset.url,
  {}, document.getElementById('docs'))`

interface Site {
  readonly prefix: string
  readonly title: string
}

/**
 * @param title of the whole: Duga's, or the service's that stands at the root
 * @param mounts prefixes of the services, each with a title; none when one service stands at the root
 */
export async function registerDocs(
  app: FastifyInstance,
  title: string,
  mounts: readonly Site[],
): Promise<void> {
  registerAssets(app)
  for (const site of [{ prefix: '', title }, ...mounts]) registerSite(app, site)
}

const HIDDEN = { schema: { hide: true } } as const

function registerAssets(app: FastifyInstance): void {
  const folder = dirname(require.resolve('swagger-ui-dist/package.json'))
  for (const [name, type] of Object.entries(ASSETS)) {
    app.get(`/docs/assets/${name}`, HIDDEN, (_request, reply) =>
      reply
        .type(`${type}; charset=utf-8`)
        .header('cache-control', 'max-age=86400')
        .send(createReadStream(join(folder, name))),
    )
  }
  const script = (name: string, source: () => string, seconds: number) =>
    app.get(`/docs/assets/${name}`, HIDDEN, (_request, reply) =>
      reply
        .type('text/javascript; charset=utf-8')
        .header('cache-control', `max-age=${seconds}`)
        .send(source()),
    )
  let redoc: string | undefined
  const readRedoc = (): string => {
    redoc ??= readFileSync(require.resolve('redoc/bundles/redoc.standalone.js'), 'utf8').replaceAll(
      FOREIGN_LOGO,
      'data:,',
    )
    return redoc
  }
  script('redoc.standalone.js', readRedoc, 86_400)
  script('start-swagger.js', () => START_SWAGGER, 0)
  script('start-redoc.js', () => START_REDOC, 0)
}

function registerSite(app: FastifyInstance, { prefix, title }: Site): void {
  const url = `${prefix}/openapi.json`
  app.get(url, HIDDEN, async () => {
    const document = await app.openApi()
    return prefix === '' ? document : underPrefix(document, prefix, title)
  })
  const pages = { docs: swaggerPage(title, url), redoc: redocPage(title, url) }
  for (const [name, html] of Object.entries(pages)) {
    app.get(`${prefix}/${name}`, HIDDEN, (_request, reply) =>
      reply.type('text/html; charset=utf-8').header('content-security-policy', POLICY).send(html),
    )
  }
}

function swaggerPage(title: string, url: string): string {
  return page(
    `${title}: Swagger UI`,
    url,
    `<link rel="stylesheet" href="/docs/assets/swagger-ui.css">${NARROW}`,
    ['swagger-ui-bundle.js', 'start-swagger.js'],
  )
}

function redocPage(title: string, url: string): string {
  return page(`${title}: ReDoc`, url, '', ['redoc.standalone.js', 'start-redoc.js'])
}

function page(title: string, url: string, head: string, scripts: readonly string[]): string {
  const tags = scripts.map((name) => `<script src="/docs/assets/${name}"></script>`).join('\n')
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="${ICON}">${head}</head>
<body data-url="${url}" style="margin:0"><div id="docs"></div>
${tags}
</body>
</html>
`
}
