// Every operation that the server documents, with an address that leads to it. Made from the OpenAPI document, so that
// a new route is fed with bad input without anybody remembering it.

export interface Operation {
  readonly method: string
  /** As the document writes it: `/dog/static/history_images/{file}`. */
  readonly path: string
  /** Parameters filled in with something that exists, or could. */
  readonly address: string
  /** Whether the document says that it has a body. */
  readonly hasBody: boolean
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { requestBody?: unknown }>>>>
}

const SAMPLES: Readonly<Record<string, string>> = {
  name: 'vibration',
  service: 'cough',
  version: 'v9.9.9',
  id: '0',
  file: 'nothing.jpg',
  timestamp: '2024-12-20T10:00:00',
}

export async function readOperations(url: string): Promise<readonly Operation[]> {
  const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as Document
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { requestBody }]) => ({
      method: method.toUpperCase(),
      path,
      address: fillPath(path, SAMPLES),
      hasBody: requestBody !== undefined,
    })),
  )
}

/** @param values by parameter; a string stands for all of them */
export function fillPath(path: string, values: Readonly<Record<string, string>> | string): string {
  return path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => {
    const value = typeof values === 'string' ? values : values[name]
    if (value === undefined) throw new Error(`no sample for {${name}} of ${path}`)
    return value
  })
}
