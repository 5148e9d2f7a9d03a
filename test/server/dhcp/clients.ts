import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Namespace } from '../lweb/namespace.ts'

/** What a client was given, by the names that dhclient-script(8) has for it. */
export type Answer = Record<string, string>

/** Takes the environment down when there is an address; configures nothing, and has dhclient go. */
const script = (path: string) => `#!/bin/sh
case $reason$1 in
  BOUND*) env >${path} && kill $PPID ;;
  bound) env >${path} ;;
esac
`

/**
 * ISC's dhclient, once, saying what its configuration has it say.
 * @param lines of dhclient.conf(5)
 */
export const askWithDhclient = (machine: Namespace, lines: readonly string[] = []): Promise<Answer> =>
  inScratch(async directory => {
    const at = (name: string) => join(directory, name)
    const head = ['timeout 25;', 'initial-interval 1;', 'backoff-cutoff 3;', 'select-timeout 0;']
    writeFileSync(at('conf'), `${[...head, ...lines].join('\n')}\n`)
    const files = ['-cf', at('conf'), '-lf', at('leases'), '-pf', at('pid'), '-sf', at('script')]
    const words = ['dhclient', '-4', '-1', '-d', ...files, 'eth0']
    await machine.run(...words).catch((error: { signal?: string }) => {
      if (error.signal !== 'SIGTERM') throw error // its script's
    })
    return readAnswer(at('answer'), 'new_')
  })

/**
 * Busybox's, which asks otherwise.
 * @param said options to send, number → hexadecimal digits
 */
export const askWithUdhcpc = (machine: Namespace, said: Readonly<Record<number, string>> = {}): Promise<Answer> =>
  inScratch(async directory => {
    const patience = ['-f', '-n', '-q', '-t', '8', '-T', '2']
    const words = Object.entries(said).flatMap(([code, digits]) => ['-x', `0x${Number(code).toString(16)}:${digits}`])
    await machine.run('busybox', 'udhcpc', ...patience, ...words, '-i', 'eth0', '-s', join(directory, 'script'))
    return readAnswer(join(directory, 'answer'), '')
  })

async function inScratch(ask: (directory: string) => Promise<Answer>): Promise<Answer> {
  const directory = mkdtempSync(join(tmpdir(), 'luna-dhcp-client-'))
  try {
    writeFileSync(join(directory, 'script'), script(join(directory, 'answer')), { mode: 0o755 })
    return await ask(directory)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

function readAnswer(path: string, prefix: string): Answer {
  const lines = readFileSync(path, 'utf8').split('\n')
  const pairs = lines.map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const)
  return Object.fromEntries(
    pairs.filter(([key]) => key.startsWith(prefix)).map(([key, value]) => [key.slice(prefix.length), value]),
  )
}
