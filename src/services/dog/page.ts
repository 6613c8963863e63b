// The page that the old API showed at `/`, with its script and style as files of their own.
import { readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import { contentSchema } from '../../http/plugins/openapi.ts'

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const PAGE_SCHEMA = {
  tags: ['dog'],
  summary: 'The page: upload a picture, see the breed and the history',
  response: { 200: contentSchema('text/html', 'The page, in Indonesian and English.') },
}

/** @param mount put before the addresses of the page's own files and calls */
export function pageRoutes(app: FastifyInstance, mount: string): void {
  const files = [
    ['/', 'page.html', 'text/html; charset=utf-8'],
    ['/static/page.css', 'page.css', 'text/css; charset=utf-8'],
    ['/static/page-history.css', 'page-history.css', 'text/css; charset=utf-8'],
    ['/static/page.js', 'page.js', 'text/javascript; charset=utf-8'],
    ['/static/page-texts.js', 'page-texts.js', 'text/javascript; charset=utf-8'],
  ] as const
  for (const [path, name, type] of files) {
    const text = readFileSync(new URL(`./page/${name}`, import.meta.url), 'utf8')
    const body = text.replaceAll('{mount}', mount)
    app.get(path, { schema: path === '/' ? PAGE_SCHEMA : { hide: true } }, (_request, reply) =>
      reply
        .type(type)
        .header('content-security-policy', POLICY)
        .header('x-content-type-options', 'nosniff')
        .header('referrer-policy', 'no-referrer')
        .header('cache-control', 'no-cache')
        .send(body),
    )
  }
}
