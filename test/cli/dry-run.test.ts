import { applyPatch, parsePatch } from 'diff'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { objects } from '../../src/cli/main.ts'
import { nameDatabase, parseDatabaseUrl } from '../../src/domain/database-url.ts'
import { onPostgresql } from '../database.ts'
import { Session } from './session.ts'

let session: Session
beforeAll(() => {
  session = new Session()
})
afterAll(() => session.site.remove())

const here = (words: string) => words.split(' ').map(word => word.replace('SITE', session.site.directory))

/** The diffs of a dry run, applied to the objects as they were. */
function applyDiffs(before: ReadonlyMap<string, string>, printed: string): Map<string, string> {
  const after = new Map(before)
  for (const patch of parsePatch(printed.replace(/^would .*\n/gm, ''))) {
    const [from, to] = [patch.oldFileName!, patch.newFileName!]
    const text = applyPatch(from === '/dev/null' ? '' : before.get(from)!, patch)
    if (from !== '/dev/null') after.delete(from)
    if (to !== '/dev/null') after.set(to, text as string)
  }
  return after
}

/** Each is first rehearsed and then done, and the next finds what it has done. */
const lines: [words: string, input?: string][] = [
  ['network add -n six -N fd00:: -P 64'],
  ['network change cluster -R 10.30.7.7,10.30.7.8'],
  ['network change cluster --release 10.30.7.7 --ns_ip 10.30.255.253'],
  ['network change ipmi -C', 'Management controllers\nof rack 7\n'],
  ['network rename six --nn storage'],
  ['bmcsetup add -n other -p first'],
  ['bmcsetup change other -p second -I 4'],
  ['osimage change compute -o quiet'],
  ['osimage change compute -C', 'a comment'],
  ['group add -n login -o compute -N cluster -i eth0'],
  ['group change compute -i BOOTIF --setnet storage'],
  ['group change compute -i BOOTIF -e', 'MTU=9000\nONBOOT=yes\n'],
  ['group change login --post -e', ''],
  ['group change compute -b other'],
  ['group clone login -t visual'],
  ['group rename compute --nn work'],
  ['node add -n node[001-012] -g work'],
  ['node add -g login'],
  ['node change node001 --mac 52:54:00:00:00:01 --service y'],
  ['node change node[002-004] -g login'],
  ['node change node[005-007] -C', 'broken'],
  ['node change node006 -i BOOTIF 10.30.9.9'],
  ['node rename node012 --nn last'],
  ['group change work -bn -D'],
  ['node delete node[001-003]'],
  ['cluster change --frontend_port 8050 -p n'],
  ['cluster change -C', 'ours'],
  ['node delete node[004-011],last,node013'],
  ['group delete visual'],
  ['bmcsetup delete base'],
  ['cluster delete --force'],
]

test.each(lines.map(([words, input = '']) => [words, input] as const))('luna %s', async (words, input) => {
  const [before, files, rows] = [await session.objects(), session.files(), session.site.rows()]
  const dry = await session.luna([...here(words), '--dry-run'], input)
  expect(dry.status).toBe(0)
  expect([session.files(), session.site.rows()]).toEqual([files, rows])
  expect(await session.luna(here(words), input)).toMatchObject({ status: 0, stderr: dry.stderr })
  const after = await session.objects()
  expect(after).not.toEqual(before)
  // of secrets a diff says only that they are others
  const visible = (all: ReadonlyMap<string, string>) =>
    Object.fromEntries([...all].map(([title, text]) => [title, text.replace('*** (another one)', '***')]))
  expect(visible(applyDiffs(before, dry.stdout))).toEqual(visible(after))
})

describe('what is not in the database', () => {
  beforeAll(async () => {
    session.site.empty()
    const { site } = session
    site.write('os/compute/usr/lib/dracut/modules.d/99base/module-setup.sh', '')
    const setup = [
      `cluster init --frontend_address 10.30.255.254 --user ${site.user} --path SITE/luna`,
      'network add cluster -N 10.30.0.0 -P 16',
      'osimage add compute -p SITE/os/compute',
      'bmcsetup add base',
      'group add compute -o compute -N cluster -b base --bmcnetwork cluster',
      'node add node[001-002] -g compute',
    ]
    for (const line of setup) expect(await session.luna(here(line))).toMatchObject({ status: 0 })
  })

  test('a pack says what it would make', async () => {
    const files = session.files()
    const { status, stdout } = await session.luna(here('osimage pack compute --dry-run'))
    const what = `the image ${session.site.directory}/os/compute, and a new initrd with kernel 6.1.0-13-cloud-amd64`
    expect(stdout).toBe(`would make a new generation of osimage "compute" with ${what}\n`)
    expect([status, session.files()]).toEqual([0, files])
    session.site.write('os/compute/boot/initrd.img-6.1.0-13-cloud-amd64', '')
    expect((await session.luna(here('osimage pack compute -c --dry-run'))).stdout).toContain(
      'and the initrd /boot/initrd.img-6.1.0-13-cloud-amd64 of the image with kernel 6.1.0-13-cloud-amd64\n',
    )
  })

  test('the files of the generations of an osimage that is deleted stay', async () => {
    expect(await session.luna(here('group delete compute --dry-run'))).toMatchObject({ status: 5, stdout: '' })
    expect(await session.luna(here('osimage delete compute --dry-run'))).toMatchObject({ status: 5, stdout: '' })
  })

  test('lpower asks no controller', () => {
    session.site.program('ipmitool', `echo "$*" >>${session.site.directory}/ipmitool.log`)
    const { status, stdout } = session.site.run([
      `${process.env['LUNA_TEST_BIN']}/lpower`,
      'node[001-002]',
      'off',
      '--dry-run',
    ])
    expect([status, stdout]).toEqual([0, 'node[001-002]: would be asked: off\n'])
    expect(session.files().join('\n')).not.toContain('ipmitool.log')
  })

  test.each([
    ['group change compute --seed_memory n', '-seed_memory: yes\n+seed_memory: no\n'],
    [
      'cluster change --cluster_ips 10.30.255.251,10.30.255.252',
      '-cluster_ips: -\n+cluster_ips: 10.30.255.251,10.30.255.252\n',
    ],
  ])('%s is shown as it is typed', async (words, expected) => {
    expect((await session.luna(here(`${words} --dry-run`))).stdout).toContain(expected)
  })

  test('sync copies nothing', async () => {
    expect(await session.luna(here('cluster change --cluster_ips 10.30.255.251,10.30.255.252'))).toMatchObject({
      status: 0,
    })
    const { stdout, stderr } = await session.luna(here('cluster sync --dry-run'))
    expect(stdout + stderr).toMatch(/would run: .*rsync|10\.30\.255\.25/)
  })
})

describe('without a cluster', () => {
  const init = 'cluster init --frontend_address 10.30.255.254 --path SITE/luna --dry-run --user'

  test.skipIf(process.env['LUNA_TEST_DATABASE'])('init says what it would make, and leaves no database', async () => {
    session.site.empty()
    const files = session.files()
    const { status, stdout } = await session.luna([...here(init), session.site.user])
    expect([status, session.files()]).toEqual([0, files])
    const { directory, user } = session.site
    const [diff, ...made] = stdout.split(/^would /m).toReversed()
    expect(made.toReversed().join('')).toBe(
      [
        '',
        ...(onPostgresql
          ? [`make tables in the database ${nameDatabase(parseDatabaseUrl(session.site.url))}\n`]
          : [`make the directory ${directory}/db for ${user}\n`, `make the database ${directory}/db/luna.db\n`]),
        `make the directory ${directory}/luna for ${user}\n`,
        `make the directory ${directory}/luna/boot for ${user}\n`,
        `make the directory ${directory}/luna/torrents for ${user}\n`,
      ].join(''),
    )
    expect(diff).toMatch(/templates for .*\n--- \/dev\/null\n\+\+\+ cluster\n@@ -0,0 /)
  })

  test('init fails as it would', async () => {
    session.site.empty()
    const { status, stdout, stderr } = await session.luna([...here(init), 'nosuchuser'])
    expect([status, stdout]).toEqual([6, ''])
    expect(stderr).toContain('there is no user "nosuchuser"')
  })
})

test('every action has it but those that only look', async () => {
  const loaded = await Promise.all(Object.values(objects).map(({ load }) => load()))
  const without: string[] = []
  for (const { name, actions } of loaded)
    for (const action of actions) {
      const { stdout } = await session.luna([name, action.name, '--help'])
      if (!stdout.includes('--dry-run')) without.push(action.name)
    }
  expect([...new Set(without)].sort()).toEqual([
    'bash',
    'diff',
    'fish',
    'history',
    'list',
    'listmacs',
    'show',
    'storm',
    'zsh',
  ])
})
