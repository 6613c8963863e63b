// The service that a `/manage` route names.
import type { FastifyRequest } from 'fastify'
import { DugaError } from '../../../errors.ts'
import type { ServiceModule } from '../../service-module.ts'

/** @throws DugaError request.not-found */
export function findModule(
  modules: readonly ServiceModule[],
  request: FastifyRequest,
): ServiceModule {
  const { service } = request.params as { readonly service: string }
  const module = modules.find(({ definition }) => definition.name === service)
  if (!module) throw new DugaError('request.not-found', { what: `service "${service}"` })
  return module
}
