// Validators and serialisers of the routes. Each is compiled when it is first used: a start that compiles a hundred routes
// of which the first requests need five takes a tenth of a second longer.
import Ajv from 'ajv'
import fastJsonStringify from 'fast-json-stringify'
import type { FastifyServerOptions } from 'fastify'
import { isDocumentedOnly } from './plugins/openapi.ts'

interface RoutePart {
  readonly schema: object
  readonly httpPart?: string
}

interface Validator {
  (data: unknown): boolean
  errors?: unknown
}

type Factories = NonNullable<FastifyServerOptions['schemaController']>['compilersFactory'] & {}

const buildValidator = () => {
  const compile = createValidatorCompiler()
  return (part: RoutePart) => validateLate(() => compile(part))
}

/** For Fastify: what compiles the schemas of a route's body, address and answers. */
export const compilersFactory: Factories = {
  // Fastify's types have Ajv's own `compile` here; it is called with a part of a route.
  buildValidator: buildValidator as unknown as NonNullable<Factories['buildValidator']>,
  buildSerializer: () => (part) => {
    let serialize: ((data: unknown) => string) | undefined
    return (data) => {
      serialize ??= compileSerializer(part as RoutePart)
      return serialize(data)
    }
  },
}

export function compileSerializer({ schema }: RoutePart): (data: unknown) => string {
  return fastJsonStringify(schema)
}

/** Nothing is coerced or dropped: "5" is not 5, and an unknown field is the schema's business. */
export function createValidatorCompiler(): (part: RoutePart) => Validator {
  // Strict mode finds unknown words; a test checks against the meta-schema.
  const options = { strict: true, allowUnionTypes: true, meta: false, validateSchema: false }
  const strict = new Ajv.Ajv({ ...options, allErrors: false })
  // Query strings and paths are text by nature; there a number is read from its digits.
  const fromText = new Ajv.Ajv({ ...options, coerceTypes: true, useDefaults: true })
  for (const ajv of [strict, fromText]) {
    ajv.addKeyword('example')
    ajv.addFormat('binary', true)
  }
  return ({ schema, httpPart }) => {
    if (isDocumentedOnly(schema)) return () => true
    return (httpPart === 'body' ? strict : fromText).compile(schema) as Validator
  }
}

function validateLate(compile: () => Validator): Validator {
  let validate: Validator | undefined
  const late: Validator = (data) => {
    validate ??= compile()
    const valid = validate(data)
    late.errors = validate.errors
    return valid
  }
  return late
}
