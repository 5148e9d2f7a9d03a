import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { copyProgram } from './pack/image.ts'
import { makeSite, mountsOf, type PackSite, processesOf, publishOldPack } from './pack/site.ts'

const lchroot = join(import.meta.dirname, '..', '..', 'bin', 'lchroot.ts')
const headsResolvConf = readFileSync('/etc/resolv.conf', 'utf8')

let site: PackSite
let image: string
let environment: NodeJS.ProcessEnv

/** An image of a shell and a few programs of this machine. */
beforeAll(async () => {
  site = await makeSite()
  image = join(site.directory, 'image')
  for (const directory of ['etc', 'root', 'tmp']) mkdirSync(join(image, directory), { recursive: true })
  for (const program of ['bash', 'cat', 'env', 'ls', 'sleep', 'sh', 'tty', 'uname']) copyProgram(image, program)
  const conf = join(site.directory, 'luna.conf')
  writeFileSync(conf, `[database]\nurl = sqlite:${site.directory}/luna.db\n`)
  environment = { ...process.env, LUNA_CONF: conf, SECRET: 'of the administrator', http_proxy: 'http://10.0.0.1:3128' }
})
afterAll(() => site.remove())

interface Outcome {
  status: number
  stdout: string
  stderr: string
}

const run = (...words: string[]): Promise<Outcome> => runProgram([process.execPath, lchroot, ...words])

function runProgram([program, ...args]: string[], input = ''): Promise<Outcome> {
  return new Promise(resolve => {
    const child = execFile(program!, args, { env: environment }, (error, stdout, stderr) =>
      resolve({ status: error ? Number(error.code) : 0, stdout, stderr }),
    )
    child.stdin!.end(input)
  })
}

const inBash = (script: string): Promise<Outcome> => run('compute', 'bash', '-c', script)

/** Starts it and waits for its first line. */
async function start(...words: string[]): Promise<{ child: ChildProcess; line: string }> {
  const child = spawn(process.execPath, [lchroot, ...words], { env: environment, stdio: ['pipe', 'pipe', 'inherit'] })
  const [line] = await once(child.stdout!, 'data')
  return { child, line: String(line) }
}

const stays = 'echo inside; sleep 1000 & wait'

async function waitForNobody(): Promise<void> {
  while (processesOf(site).length > 0) await sleep(20)
}

it('runs a command inside, with its words as they are', async () => {
  const words = ['--', 'bash', '-c', 'echo "$#:$2" && echo >/made', 'x', '-n', 'two words;']
  expect(await run('compute', ...words)).toEqual({ status: 0, stdout: '2:two words;\n', stderr: '' })
  expect(readdirSync(image)).toContain('made')
  expect((await run('compute', 'ls', '--help')).stdout).toMatch(/^Usage: ls/)
})

it.each([
  ['exit 7', 7],
  ['kill -TERM $$', 143],
  ['/nosuch', 127],
])('ends as the command does: %s', async (script, status) => {
  expect((await inBash(script)).status).toBe(status)
})

it('hands standard input on, to a shell when there is no command', async () => {
  expect(await runProgram([process.execPath, lchroot, 'compute'], 'echo in $LUNA_OSIMAGE; exit 3')).toEqual({
    status: 3,
    stdout: 'in compute\n',
    stderr: '',
  })
})

it("gives it an environment of its own, with the terminal's name and the proxies", async () => {
  const { stdout } = await run('compute', 'env')
  expect(stdout.split('\n').map(line => line.split('=')[0])).toEqual(
    expect.arrayContaining(['PATH', 'HOME', 'TERM', 'LUNA_OSIMAGE', 'http_proxy']),
  )
  expect(stdout).not.toMatch(/SECRET|LUNA_CONF/)
})

it("has processes of its own, and the kernel's views without the head's disks", async () => {
  const { stdout } = await inBash(
    'echo /proc/[0-9]*; echo >/dev/null; echo /dev/*; ls /sys/class >/dev/null && echo sys',
  )
  const [processes, devices, sys] = stdout.split('\n')
  expect(processes!.split(' ').length).toBeLessThan(5)
  expect(devices).toContain('/dev/null')
  expect(devices).not.toMatch(/\/dev\/([vs]d|nvme|loop|mem|kmsg)/)
  expect(sys).toBe('sys')
  expect((await inBash('echo x >/sys/kernel/mm/ksm/run')).stderr).toMatch(/Read-only/)
})

describe('uname', () => {
  const head = execFileSync('uname', ['-r'], { encoding: 'utf8' }).trim()

  it("answers the version of the image's kernel, and nothing of it stays in the image", async () => {
    expect((await inBash('uname -r')).stdout).toBe(`${head}\n`)
    mkdirSync(join(image, 'boot'), { recursive: true })
    for (const version of ['6.1.0-9-amd64', '6.1.0-13-amd64']) {
      mkdirSync(join(image, 'lib/modules', version), { recursive: true })
      writeFileSync(join(image, 'boot', `vmlinuz-${version}`), '')
    }
    const before = lstatSync(join(image, 'bin/uname'))
    const { stdout, stderr } = await inBash(
      'uname -r; uname --kernel-release; uname -a; cat /proc/sys/kernel/osrelease; uname -m',
    )
    const all = execFileSync('uname', ['-a'], { encoding: 'utf8' }).trim().replace(head, '6.1.0-13-amd64')
    const machine = execFileSync('uname', ['-m'], { encoding: 'utf8' }).trim()
    const version = '6.1.0-13-amd64'
    expect([stdout, stderr]).toEqual([[version, version, all, version, machine, ''].join('\n'), ''])
    expect((await inBash('uname --nosuch')).status).not.toBe(0)
    expect(lstatSync(join(image, 'bin/uname'))).toMatchObject({
      ino: before.ino,
      size: before.size,
      ctimeMs: before.ctimeMs,
    })
    expect(execFileSync('uname', ['-r'], { encoding: 'utf8' }).trim()).toBe(head)
  })

  it('is left alone where it is a name of a program of many', async () => {
    renameSync(join(image, 'bin/uname'), join(image, 'bin/busybox'))
    symlinkSync('busybox', join(image, 'bin/uname'))
    expect((await inBash('uname -r; busybox -r')).stdout).toBe(`${head}\n${head}\n`)
    rmSync(join(image, 'bin/uname'))
    renameSync(join(image, 'bin/busybox'), join(image, 'bin/uname'))
  })
})

it('warns at the end when the image is newer than what nodes get', async () => {
  const pack = await publishOldPack(site)
  await site.store.write(tx =>
    tx
      .updateTable('pack')
      .set({ createdAtMs: Date.now() + 1 })
      .execute(),
  )
  expect((await inBash('exit 3')).stderr).toBe('')
  const { status, stderr } = await inBash('echo >/tmp/new; exit 3')
  rmSync(join(image, 'tmp/new'))
  expect([status, stderr]).toEqual([
    3,
    expect.stringMatching(
      /^luna: warning: osimage "compute" is newer than what nodes get, packed 20\S+ \S+; to give it to them: luna osimage pack compute\n$/,
    ),
  ])
  await site.store.write(async tx => {
    await tx.updateTable('osimage').set({ packId: null }).execute()
    await tx.deleteFrom('pack').where('id', '=', pack.id).execute()
  })
})

it('ends what the command leaves behind', async () => {
  expect((await inBash('sleep 1000 & echo done')).stdout).toBe('done\n')
  expect(processesOf(site)).toEqual([])
  expect(mountsOf(site)).toEqual([])
})

describe("the head's resolv.conf", () => {
  const path = () => join(image, 'etc/resolv.conf')
  const read = async () => (await inBash('cat /etc/resolv.conf; echo changed >/etc/resolv.conf')).stdout

  it("is seen in place of the image's file, which stays as it was", async () => {
    writeFileSync(path(), 'nameserver 192.0.2.1\n')
    const before = lstatSync(path())
    expect(await read()).toBe(headsResolvConf)
    expect(readFileSync(path(), 'utf8')).toBe('nameserver 192.0.2.1\n')
    expect(lstatSync(path())).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs, mode: before.mode })
    expect(readFileSync('/etc/resolv.conf', 'utf8')).toBe(headsResolvConf)
  })

  it.each([
    ['into /run', '../run/systemd/resolve/stub-resolv.conf'],
    ['by way of another link', '/var/run/resolv.conf'],
    ["to a file of the image that has the name of one of the head's", '/root/../tmp/resolved'],
  ])('is seen through a link %s', async (_, target) => {
    rmSync(path(), { force: true })
    mkdirSync(join(image, 'var'), { recursive: true })
    rmSync(join(image, 'var/run'), { force: true })
    symlinkSync('/run', join(image, 'var/run'))
    symlinkSync(target, path())
    expect(await read()).toBe(headsResolvConf)
    expect(readlinkSync(path())).toBe(target)
    expect(readdirSync(join(image, 'tmp'))).toEqual([])
  })

  it('is seen where the image has none, which it has none of afterwards', async () => {
    rmSync(path(), { force: true })
    expect(await read()).toBe(headsResolvConf)
    expect(readdirSync(join(image, 'etc'))).toEqual([])
  })

  it('is left out where a link runs in a circle', async () => {
    symlinkSync('resolv.conf', path())
    expect((await inBash('echo ok')).stdout).toBe('ok\n')
    rmSync(path())
  })
})

it('refuses a second one, and says who is in there', async () => {
  const { child } = await start('compute', 'bash', '-c', stays)
  const { status, stderr } = await inBash('echo never')
  expect(status).toBe(125)
  expect(stderr).toMatch(
    new RegExp(
      `^lchroot: somebody is in osimage "compute" already: lchroot of .+, process ${child.pid}, since 20\\d\\d-\\S+ \\S+; wait`,
    ),
  )
  child.kill('SIGKILL')
  await waitForNobody()
})

it.each(['SIGKILL', 'SIGTERM', 'SIGHUP'] as const)(
  'ended by %s leaves nothing running, mounted or locked',
  async signal => {
    const { child, line } = await start('compute', 'bash', '-c', stays)
    expect(line).toBe('inside\n')
    expect(processesOf(site).length).toBeGreaterThan(1)
    child.kill(signal)
    await waitForNobody()
    expect(mountsOf(site)).toEqual([])
    expect((await inBash('exit 4')).status).toBe(4)
  },
)

it.each([
  [['nosuch'], /no osimage "nosuch"/],
  [['../compute', 'ls'], /cannot be the name of an osimage/],
  [[], /no osimage was named/],
  [['--fast', 'compute'], /unknown option --fast; see: lchroot --help/],
])('refuses %j with 125 and one line', async (words, message) => {
  const { status, stderr } = await run(...words)
  expect(stderr).toMatch(message)
  expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  expect(status).toBe(125)
})

describe('at a terminal', () => {
  /** Types each text when the one before it has been answered. */
  async function converse(
    command: string,
    turns: readonly (readonly [waitFor: string, type: string])[],
  ): Promise<string> {
    const child = spawn('script', ['-qec', command, '/dev/null'], { env: environment, stdio: 'pipe' })
    onTestFinished(() => void child.kill('SIGKILL'))
    const tooLate = setTimeout(() => child.kill('SIGKILL'), 60_000)
    const exited = once(child, 'close').finally(() => clearTimeout(tooLate))
    const left = [...turns]
    let shown = ''
    let seen = 0
    child.stdout!.on('data', data => {
      shown += data
      const [turn] = left
      if (turn === undefined || !shown.slice(seen).includes(turn[0])) return
      seen = shown.length
      left.shift()
      child.stdin!.write(turn[1])
    })
    await exited
    return shown
  }

  const program = `${process.execPath} ${lchroot}`

  it('has a shell whose prompt tells the image, and gives the terminal back', async () => {
    const shown = await converse(`${program} compute; echo status=$?; read -r word; echo word=$word`, [
      // the trap is set before the name is shown: a Ctrl-C that comes while tty still runs counts as well
      ['(compute)', `bash -c 'trap "exit 1" INT; tty; sleep 1000'\n`],
      ['/dev/pts/', '\x03'],
      ['(compute)', 'exit 9\n'],
      ['status=9', 'back\n'],
    ])
    expect(shown).toMatch(/word=back/)
    expect(processesOf(site)).toEqual([])
  })

  it('leaves Ctrl-C to the command, which ends as it likes', async () => {
    const script = 'trap "exit 6" INT; echo ready; sleep 1000'
    const shown = await converse(`${program} compute bash -c '${script}'; echo status=$?`, [['ready', '\x03']])
    expect(shown).toMatch(/status=6/)
  })
})
