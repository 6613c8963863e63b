// `/manage/services/{service}/versions`: what there is, what serves, promotion and rolling back.
import type { FastifyInstance } from 'fastify'
import { presentVersion } from '../../../commands/present.ts'
import type { AppParts } from '../../app-parts.ts'
import type { ServiceModule } from '../../service-module.ts'
import { findModule } from './find-module.ts'
import { pageOf } from './pages.ts'

const versionSchema = {
  type: 'object',
  properties: {
    version: { type: 'string' },
    active: { type: 'boolean' },
    created: { type: 'string' },
    parent: { type: ['string', 'null'] },
    gate: {
      type: ['string', 'null'],
      enum: ['passed', 'rejected', 'forced', null],
      description: '`forced`: it did not pass and serves or served all the same.',
    },
    metrics: { type: 'object', additionalProperties: { type: 'number' } },
  },
}

const detailSchema = {
  type: 'object',
  properties: {
    ...versionSchema.properties,
    manifest: { type: 'object', additionalProperties: true },
    card: { type: 'string', description: 'Markdown.' },
  },
}

const activatedSchema = {
  type: 'object',
  properties: {
    service: { type: 'string' },
    version: { type: 'string' },
    active: { type: 'boolean' },
  },
}

const promoteBody = {
  type: ['object', 'null'],
  additionalProperties: false,
  properties: {
    force: { type: 'boolean', default: false, description: 'Also what did not pass the gate.' },
  },
}

export function versionRoutes(
  app: FastifyInstance,
  { registry, stores }: AppParts,
  modules: readonly ServiceModule[],
): void {
  const path = '/services/:service/versions'
  app.get(
    path,
    { schema: { summary: 'Versions, newest first', response: { 200: pageOf(versionSchema) } } },
    async (request) => {
      const { name } = findModule(modules, request).definition
      const active = await registry.activeVersion(name)
      const rows = await registry.listVersions(name)
      const promotions = await stores.activeVersions.promotions(name)
      const items = rows.map((row) => presentVersion(row, active?.version ?? null, promotions))
      return { items, next: null }
    },
  )
  app.get(
    `${path}/:version`,
    { schema: { summary: 'Manifest, metrics and card', response: { 200: detailSchema } } },
    async (request) => {
      const { name } = findModule(modules, request).definition
      const row = await registry.getVersion(name, versionOf(request.params))
      const { manifest, card } = row
      const active = await registry.activeVersion(name)
      const promotions = await stores.activeVersions.promotions(name)
      return {
        ...presentVersion(row, active?.version ?? null, promotions),
        manifest,
        card,
      }
    },
  )
  app.delete(
    `${path}/:version`,
    {
      schema: {
        summary: 'Deletes a version that does not serve',
        response: { 204: { type: 'null' } },
      },
    },
    async (request, reply) => {
      const { name } = findModule(modules, request).definition
      await registry.deleteVersion(name, versionOf(request.params))
      return reply.code(204).send()
    },
  )
  app.post(
    `${path}/:version/promote`,
    {
      schema: {
        summary: 'Makes a version the one that serves',
        body: promoteBody,
        response: { 200: activatedSchema },
      },
    },
    async (request) => {
      const { name } = findModule(modules, request).definition
      const { force = false } = (request.body ?? {}) as { force?: boolean }
      const { version } = await registry.promote(name, versionOf(request.params), { force })
      return { service: name, version, active: true }
    },
  )
  app.post(
    '/services/:service/rollback',
    { schema: { summary: 'Back to what served before', response: { 200: activatedSchema } } },
    async (request) => {
      const { name } = findModule(modules, request).definition
      const { version } = await registry.rollBack(name)
      return { service: name, version, active: true }
    },
  )
}

function versionOf(params: unknown): string {
  return (params as { readonly version: string }).version
}
