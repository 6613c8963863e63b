// `/manage`: services, versions, predictions, jobs, clients and users, for the admin token or a client with that scope.
import type { FastifyInstance } from 'fastify'
import { bearerToken } from '../../../auth/admin.ts'
import type { AppParts } from '../../app-parts.ts'
import { refuseUnknown } from '../../present-error.ts'
import type { ServiceModule } from '../../service-module.ts'
import { accountRoutes } from './accounts.ts'
import { importRoute } from './import-version.ts'
import { jobRoutes } from './jobs.ts'
import { predictionRoutes } from './predictions.ts'
import { reportRoutes } from './reports.ts'
import { serviceRoutes } from './services.ts'
import { versionRoutes } from './versions.ts'

export async function manageRoutes(
  app: FastifyInstance,
  parts: AppParts,
  modules: readonly ServiceModule[],
): Promise<void> {
  app.addHook('onRequest', async (request) => {
    await parts.requireAdmin(bearerToken(request.headers.authorization))
  })
  app.setNotFoundHandler(refuseUnknown)
  app.addHook('onRoute', (route) => {
    route.schema = {
      tags: ['manage'],
      security: [{ admin: [] }, { client: ['manage'] }],
      ...route.schema,
    }
  })
  serviceRoutes(app, parts, modules)
  versionRoutes(app, parts, modules)
  importRoute(app, parts, modules)
  predictionRoutes(app, parts, modules)
  jobRoutes(app, parts, modules)
  reportRoutes(app, parts)
  accountRoutes(app, parts)
}
