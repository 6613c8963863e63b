// Calls of the dog API over real HTTP, as its clients make them.
import { type DogApp, type DogAppOptions, startDogApp } from './dog-app.ts'

export interface Reply {
  readonly status: number
  /** The JSON, or `{ text }` where the answer is none. */
  readonly body: Record<string, unknown>
  readonly headers: Headers
}

export interface PredictOptions {
  readonly field?: string
  readonly name?: string
  readonly token?: string
  readonly path?: string
}

export interface DogClient extends DogApp {
  call(path: string, options?: RequestInit & { token?: string }): Promise<Reply>
  post(path: string, body: unknown, token?: string): Promise<Reply>
  predict(bytes: Uint8Array, options?: PredictOptions): Promise<Reply>
  /** Registers and logs in. The password is {@link PASSWORD}. */
  newUser(username: string): Promise<{ access_token: string; refresh_token: string }>
}

export const PASSWORD = 'gukguk-kucing-71'

/** Starts an app of its own; `close` it. */
export async function startDogClient(options?: DogAppOptions): Promise<DogClient> {
  const app = await startDogApp(options)
  const call: DogClient['call'] = async (path, { token, ...init } = {}) => {
    const headers = new Headers(init.headers)
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
    const response = await fetch(app.url + path, { ...init, headers })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json')
    const body = isJson ? JSON.parse(text) : { text }
    return { status: response.status, body, headers: response.headers }
  }
  const post: DogClient['post'] = (path, body, token) =>
    call(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      ...(token !== undefined && { token }),
    })
  return {
    ...app,
    call,
    post,
    predict: (bytes, { field = 'file', name = 'rex.jpg', token, path = '/api/predict' } = {}) => {
      const form = new FormData()
      form.append(field, new Blob([new Uint8Array(bytes)], { type: 'image/jpeg' }), name)
      return call(path, { method: 'POST', body: form, ...(token !== undefined && { token }) })
    },
    newUser: async (username) => {
      const account = { username, password: PASSWORD }
      await post('/api/register', account)
      const { body } = await post('/api/login', account)
      return body as { access_token: string; refresh_token: string }
    },
  }
}
