import { once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'

interface QmpMessage {
  return?: unknown
  error?: { desc: string }
}

/**
 * Gives one order to a running QEMU (QMP: a greeting, then JSON lines both ways) and returns when it is acknowledged.
 * False when no QEMU answers on the socket, that is, when the machine is off.
 */
export async function orderQemu(socketPath: string, order: 'quit' | 'system_reset' | 'query-status'): Promise<boolean> {
  const socket = connect(socketPath)
  try {
    await once(socket, 'connect')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT' && code !== 'ECONNREFUSED') throw error
    return false
  }
  try {
    const answers = createInterface({ input: socket })[Symbol.asyncIterator]()
    await answers.next()
    for (const execute of ['qmp_capabilities', order]) {
      socket.write(`${JSON.stringify({ execute })}\n`)
      await acknowledged(answers)
    }
    if (order === 'quit') while (!(await answers.next()).done); // the end of the stream is the end of the machine
    return true
  } catch (error) {
    // A QEMU that ends may close, or break, the connection before it says yes.
    if (order === 'quit' && (error as NodeJS.ErrnoException).code === 'ECONNRESET') return true
    throw error
  } finally {
    socket.destroy()
  }
}

async function acknowledged(answers: AsyncIterator<string>): Promise<void> {
  for (;;) {
    const { value, done } = await answers.next()
    if (done) return
    const message = JSON.parse(value) as QmpMessage
    if (message.error) throw new Error(`QEMU: ${message.error.desc}`)
    if ('return' in message) return
  }
}
