import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createTemplates } from '../../../src/effects/templates.ts'
import { type InstallScriptInput, installScriptView } from '../../../src/render/install-script.ts'
import { expectGolden } from '../../golden-file.ts'

const directory = join(import.meta.dirname, '../../../templates')
const templates = createTemplates({ directories: [directory] })
const library = readFileSync(join(directory, 'install-library.sh'), 'utf8')
const render = (input: InstallScriptInput): string => templates.render('install.sh', { ...installScriptView(input) })

const input: InstallScriptInput = {
  node: 'node001',
  hostname: 'node001.cluster',
  url: 'http://10.30.255.254:7050/luna',
  token: 'ab'.repeat(32),
  image: {
    name: 'compute',
    generation: 17,
    tarballUrls: ['http://10.30.255.254:7050/torrents/compute-17.tar.zst'],
    torrentUrl: 'http://10.30.255.254:7050/torrents/compute-17.torrent',
    announceUrl: 'http://10.30.255.254:7050/announce?node=node001',
    infoHash: '0123456789ABCDEF0123456789abcdef01234567',
    sizeBytes: 118_211_072,
    seedMemory: true,
    roomBytes: 118_211_072,
    fileName: 'compute-17.tar.zst',
  },
  listenPorts: { min: 7052, max: 7200 },
  torrentIf: undefined,
  prescript: '',
  partscript: 'mount -t tmpfs tmpfs /sysroot\n',
  postscript: "cat <<EOF >etc/fstab\ntmpfs / tmpfs defaults 0 0\nEOF\necho 'it''s done'\n",
  files: [
    { path: '/etc/hostname', mode: '0644', content: 'node001.cluster\n' },
    {
      path: '/etc/network/interfaces.d/@BOOTIF@',
      mode: '0644',
      content: 'auto @BOOTIF@\niface @BOOTIF@ inet manual\n',
    },
  ],
  enableUnits: [],
  setupbmc: undefined,
}

const setupbmc = {
  ip: '10.31.0.1',
  netmask: '255.255.0.0',
  user: 'ladmin',
  password: `p'"$(echo no)\``,
  userid: 3,
  netchannel: 1,
  mgmtchannel: 1,
}

/** What bash makes of the script's assignments, the steps not run. */
function expand(script: string, expression: string): string {
  const assignments = script.replace(/^luna_install$/m, '')
  return execFileSync('bash', ['-c', `${assignments}\nprintf '%s' ${expression}`], {
    env: { PATH: process.env['PATH'], LUNA_STATE: '/nonexistent' },
    encoding: 'utf8',
  })
}

/** The whole script, with a line in place of the library that stands in every one. */
const withoutLibrary = (script: string): string => script.replace(library, '. install-library.sh\n')

describe('install script', () => {
  it('is this for a node without a BMC', () => expectGolden('install-script/plain.sh', withoutLibrary(render(input))))

  it('is this for a node with one', () =>
    expectGolden('install-script/bmc.sh', withoutLibrary(render({ ...input, setupbmc }))))

  it('starts as a bash script and ends with the line that the initrd looks for', () => {
    const lines = render(input).split('\n')
    expect(lines[0]).toBe('#!/bin/bash')
    expect(lines.at(-2)).toBe('# luna: end of the install script')
    expect(lines.at(-1)).toBe('')
  })

  it('gives bash what the administrator wrote, whatever it is', () => {
    const nasty = `a'b"c$d\`e\`\\f {{ node }} {% if %} é ${'x'.repeat(2000)}\n\n#!\n`
    expect(expand(render({ ...input, postscript: nasty }), '"$luna_postscript"')).toBe(nasty)
    expect(expand(render({ ...input, setupbmc }), '"$luna_bmc_password"')).toBe(setupbmc.password)
  })

  it('gives files as path, mode and content', () => {
    expect(expand(render(input), '"${luna_files[@]:3:2}"')).toBe('/etc/network/interfaces.d/@BOOTIF@0644')
    expect(expand(render({ ...input, files: [] }), '"${#luna_files[@]}"')).toBe('0')
  })

  it('says by which interface the torrent goes, if by another than the node boots from', () => {
    const torrentIf = { name: 'ib0', address: '10.40.0.1/16' }
    const both = '"$luna_torrent_if $luna_torrent_address"'
    expect(expand(render({ ...input, torrentIf }), both)).toBe('ib0 10.40.0.1/16')
    expect(expand(render(input), both)).toBe(' ')
  })

  it('holds no token: the initrd has it already', () => {
    expect(render(input)).not.toContain(input.token)
  })

  it('drops the carriage returns of editors', () => {
    expect(installScriptView({ ...input, partscript: 'a\r\nb\r\n' }).partscript).toBe('a\nb\n')
  })

  it('compares info-hashes in lower case, as the torrent client prints them', () => {
    expect(installScriptView(input).image.info_hash).toBe('0123456789abcdef0123456789abcdef01234567')
  })
})
