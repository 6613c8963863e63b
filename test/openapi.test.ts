// The OpenAPI document: valid, whole, and plain about bodies, answers, errors and who may call.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { compileSerializer, createValidatorCompiler } from '../src/http/compile-schemas.ts'
import { CONTRACT_ROUTES, OWN_ROUTES } from './builders/openapi-routes.ts'
import { startTestServer, type TestServer } from './builders/test-server.ts'

interface Content {
  readonly schema: { readonly properties?: Readonly<Record<string, Record<string, unknown>>> }
}

interface Body {
  readonly description?: string
  readonly content?: Readonly<Record<string, Content>>
}

interface Operation {
  readonly operationId: string
  readonly summary?: string
  readonly tags: readonly string[]
  readonly requestBody?: Body
  readonly parameters?: readonly { readonly schema: object }[]
  readonly responses: Readonly<Record<string, Body>>
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[]
}

interface Document {
  readonly openapi: string
  readonly info: { readonly title: string; readonly version: string }
  readonly tags: readonly { readonly name: string; readonly description: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly securitySchemes: Readonly<Record<string, unknown>> }
}

let server: TestServer
let whole: Document

before(async () => {
  server = await startTestServer({ bundled: false, models: false })
  whole = await read(server, '/openapi.json')
})
after(() => server.close())

async function read({ get }: TestServer, path: string): Promise<Document> {
  const response = await get(path)
  assert.equal(response.status, 200)
  assert.equal(response.headers.get('content-type'), 'application/json; charset=utf-8')
  return (await response.json()) as Document
}

/** `METHOD path` → operation. */
function operationsOf({ paths }: Document): Map<string, Operation> {
  const entries = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const,
    ),
  )
  return new Map(entries)
}

function underPrefix(prefix: string, routes: readonly string[]): string[] {
  return routes.map((route) => route.replace(/ \/$/, ' ').replace(' ', ` ${prefix}`))
}

test('the document is valid OpenAPI 3.1, its schemas valid JSON Schema 2020-12', async () => {
  assert.equal(whole.openapi, '3.1.0')
  const { valid, errors } = await new Validator().validate({ ...structuredClone(whole) })
  assert.ok(valid, JSON.stringify(errors))
  const ajv = new Ajv2020({ strict: false })
  let schemas = 0
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    for (const [key, value] of Object.entries(node)) {
      if (key === 'schema') {
        schemas++
        assert.ok(ajv.validateSchema(value), `${JSON.stringify(value)}: ${ajv.errorsText()}`)
      } else walk(value)
    }
  }
  walk(whole.paths)
  assert.ok(schemas > 100, `${schemas} schemas`)
})

test('every schema, compiled only when it is used, can be compiled', () => {
  const compile = createValidatorCompiler()
  const schemasOf = (contents: Body['content'] = {}) =>
    Object.entries(contents).flatMap(([type, { schema }]) => (/json/.test(type) ? [schema] : []))
  // The contract checks this one itself.
  const documentedOnly = 'POST /face/api/v1/inference-url'
  for (const [route, { requestBody, parameters = [], responses }] of operationsOf(whole)) {
    if (route !== documentedOnly) {
      for (const schema of schemasOf(requestBody?.content)) compile({ schema, httpPart: 'body' })
    }
    for (const { schema: value } of parameters) {
      compile({ schema: { type: 'object', properties: { value } }, httpPart: 'querystring' })
    }
    for (const { content } of Object.values(responses)) {
      for (const schema of schemasOf(content)) compileSerializer({ schema })
    }
  }
})

test('every route of the contracts and of Duga is in it, and nothing else', () => {
  const contracts = Object.entries(CONTRACT_ROUTES).flatMap(([name, routes]) =>
    underPrefix(`/${name}`, routes),
  )
  // image_url of the dog service carries no prefix.
  const expected = [...contracts, 'GET /static/history_images/{file}', ...OWN_ROUTES]
  assert.deepEqual([...operationsOf(whole).keys()].sort(), expected.sort())
})

test('every operation has a name, a summary, a described tag, answers and errors', () => {
  const operations = operationsOf(whole)
  const ids = new Set([...operations.values()].map(({ operationId }) => operationId))
  assert.equal(ids.size, operations.size)
  const tags = new Set(whole.tags.map(({ name }) => name))
  for (const [route, operation] of operations) {
    assert.match(operation.operationId, /^[a-z][A-Za-z0-9]+$/, route)
    assert.ok((operation.summary ?? '').length > 5, `${route}: summary`)
    assert.ok(operation.tags.length > 0 && operation.tags.every((tag) => tags.has(tag)), route)
    const statuses = Object.keys(operation.responses)
    for (const [status, { description, content }] of Object.entries(operation.responses)) {
      assert.notEqual(description, 'Default Response', route)
      assert.equal(content !== undefined, status !== '204', `${route} ${status}: content`)
    }
    assert.ok(
      statuses.some((status) => status.startsWith('2')),
      `${route}: answer`,
    )
    assert.ok(statuses.includes('5XX'), `${route}: errors`)
    const { requestBody, parameters, security } = operation
    const canBeWrong = requestBody ?? parameters ?? security
    assert.equal(statuses.includes('4XX'), canBeWrong !== undefined, `${route}: 4XX`)
    for (const name of route.matchAll(/\{(\w+)\}/g)) {
      assert.match(JSON.stringify(parameters), new RegExp(`"in":"path","name":"${name[1]}"`), route)
    }
  }
  assert.doesNotMatch(JSON.stringify(whole), /documented-only|errorBody|"x-/)
})

test('bodies: JSON, forms, and files that a page can choose', () => {
  const operations = operationsOf(whole)
  const files = {
    'POST /cough/predict': 'file',
    'POST /dog/api/predict': 'file',
    'POST /face/api/v1/inference': 'image',
  }
  for (const [route, field] of Object.entries(files)) {
    const { content = {} } = operations.get(route)?.requestBody ?? {}
    assert.deepEqual(Object.keys(content), ['multipart/form-data'], route)
    const { type, format } = content['multipart/form-data']!.schema.properties![field]!
    assert.deepEqual({ type, format }, { type: 'string', format: 'binary' }, route)
  }
  const token = operations.get('POST /auth/token')!.requestBody!
  assert.deepEqual(Object.keys(token.content!), ['application/x-www-form-urlencoded'])
  const withoutBody = /\/(refresh|logout|rollback|rotate|resume)$/
  for (const [route, { requestBody }] of operations) {
    if (!route.startsWith('POST ') || withoutBody.test(route)) continue
    assert.ok(requestBody, `${route}: body`)
  }
})

test('who may call: /manage, product and what users have of their own ask for a token', () => {
  const schemes = new Set(Object.keys(whole.components.securitySchemes))
  for (const [route, { security = [], tags }] of operationsOf(whole)) {
    const named = security.flatMap((item) => Object.keys(item))
    assert.ok(
      named.every((name) => schemes.has(name)),
      `${route}: ${named}`,
    )
    if (tags.includes('manage')) assert.deepEqual(named, ['admin', 'client'], route)
    if (tags.includes('product')) assert.deepEqual(named, ['client'], route)
    const own = /\/api\/(refresh|logout|password|history\/me)$/.test(route)
    if (tags.includes('dog')) assert.deepEqual(named, own ? ['user'] : [], route)
  }
})

test('a service has a document of its own under its prefix', async () => {
  const all = operationsOf(whole)
  for (const [name, routes] of Object.entries(CONTRACT_ROUTES)) {
    const document = await read(server, `/${name}/openapi.json`)
    const own = operationsOf(document)
    assert.deepEqual([...own.keys()].sort(), underPrefix(`/${name}`, routes).sort())
    for (const [route, operation] of own) assert.deepEqual(operation, all.get(route))
    assert.ok(document.tags.some((tag) => tag.name === name))
    assert.notEqual(document.info.title, 'Duga')
    const schemes = Object.keys(document.components.securitySchemes)
    assert.deepEqual(schemes, { dog: ['user'], product: ['client'] }[name] ?? [])
    const { valid, errors } = await new Validator().validate({ ...structuredClone(document) })
    assert.ok(valid, JSON.stringify(errors))
  }
})

for (const [name, routes] of Object.entries(CONTRACT_ROUTES)) {
  test(`${name} alone has its own routes at the root, and its title`, async (t) => {
    const alone = await startTestServer({ bundled: false, standalone: name, models: false })
    t.after(() => alone.close())
    const document = await read(alone, '/openapi.json')
    const expected = new Set([...routes, ...OWN_ROUTES])
    assert.deepEqual([...operationsOf(document).keys()].sort(), [...expected].sort())
    const { title } = (await read(server, `/${name}/openapi.json`)).info
    assert.equal(document.info.title, title)
    for (const [path, tool] of [
      ['/docs', 'Swagger UI'],
      ['/redoc', 'ReDoc'],
    ] as const) {
      const page = await alone.get(path)
      assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8')
      assert.ok((await page.text()).includes(`<title>${title}: ${tool}</title>`))
    }
  })
}

test('with a closed history its routes ask for a token too', async (t) => {
  const closed = await startTestServer({
    bundled: false,
    models: false,
    settings: { HISTORY_PUBLIC: 'false' },
  })
  t.after(() => closed.close())
  const operations = operationsOf(await read(closed, '/openapi.json'))
  for (const route of ['GET /cough/history', 'GET /dog/api/history', 'GET /dog/history.csv']) {
    assert.ok(operations.get(route)?.security?.length, route)
  }
})
