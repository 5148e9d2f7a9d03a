import { once } from 'node:events'
import { connect } from 'node:net'
import { LunaError } from '../src/errors.ts'

/** Ctrl-], as in telnet(1): a shell on the node has other uses for Ctrl-C. */
const leaveKey = 0x1d

/** Ties this terminal to a serial console, until Ctrl-] or until the machine is off. Throws notReady when it is off. */
export async function attachConsole(name: string, socketPath: string): Promise<void> {
  const socket = connect(socketPath)
  try {
    await once(socket, 'connect')
  } catch {
    throw new LunaError('notReady', `${name} is off; run: luna-lab power ${name} on`)
  }
  const { stdin, stdout } = process
  if (stdin.isTTY) stdin.setRawMode(true)
  stdin.on('data', (bytes: Buffer) => {
    const end = stdin.isTTY ? bytes.indexOf(leaveKey) : -1
    socket.write(end < 0 ? bytes : bytes.subarray(0, end))
    if (end >= 0) socket.end()
  })
  stdin.once('end', () => socket.end())
  socket.pipe(stdout, { end: false })
  try {
    await once(socket, 'close')
  } finally {
    if (stdin.isTTY) stdin.setRawMode(false)
    stdin.destroy()
  }
}
