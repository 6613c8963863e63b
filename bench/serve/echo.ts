// What JSON routes are compared with: Fastify alone, that answers with the body it was sent. Prints its URL.
import Fastify from 'fastify'

const app = Fastify({ bodyLimit: 1024 * 1024 })
app.post('/echo', (request) => request.body)
console.log(await app.listen({ host: '127.0.0.1', port: 0 }))
process.once('SIGTERM', () => void app.close())
