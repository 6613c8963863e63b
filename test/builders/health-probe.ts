// A worker thread that asks one address again and again, one request at a time, and measures each. In a thread of its
// own so that the clients that make the load do not stand in its way.
import { Agent, get } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'

const { url, requests, pauseMs } = workerData as {
  readonly url: string
  readonly requests: number
  readonly pauseMs: number
}
const agent = new Agent({ keepAlive: true, maxSockets: 1 })

function ask(): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const request = get(url, { agent }, (response) => {
    response.resume()
    response.once('end', () => {
      if (response.statusCode === 200) resolve()
      else reject(new Error(`${url} answered ${response.statusCode}`))
    })
  })
  request.once('error', reject)
  return promise
}

const milliseconds: number[] = []
for (let i = 0; i < requests; i++) {
  const began = performance.now()
  await ask()
  milliseconds.push(performance.now() - began)
  await setTimeout(pauseMs)
}
agent.destroy()
parentPort!.postMessage(milliseconds)
