/** plain-route.ts SOCKET: a fastify that answers every request with as many bytes as a boot script has; what the machine can do at most. */
import fastify from 'fastify'

const app = fastify()
const body = '#'.repeat(1000)
app.get('*', (_, reply) => reply.send(body))
await app.listen({ path: process.argv[2]! })
console.error('plain route listens')
