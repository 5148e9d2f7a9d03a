/** render-install-script.ts JSON: prints the install script of node001, with what the JSON says put over the defaults. */
import { join } from 'node:path'
import { createTemplates } from '../../src/effects/templates.ts'
import { installScriptView } from '../../src/render/install-script.ts'

const head = 'http://10.30.255.254:7050'
const defaults = {
  node: 'node001',
  hostname: 'node001.cluster',
  url: `${head}/luna`,
  token: '',
  image: {
    name: 'compute',
    generation: 1,
    tarballUrls: [`${head}/torrents/compute-1.tar.zst`],
    torrentUrl: `${head}/torrents/compute-1.torrent`,
    announceUrl: `${head}/announce?node=node001`,
    infoHash: '0123456789abcdef0123456789abcdef01234567',
    sizeBytes: 4_000_000,
    fileName: 'compute-1.tar.zst',
    seedMemory: true,
    roomBytes: 4_000_000,
  },
  listenPorts: { min: 7052, max: 7200 },
  torrentIf: undefined,
  prescript: '',
  partscript: 'mount -t tmpfs tmpfs "$LUNA_SYSROOT"',
  postscript: '',
  files: [{ path: '/etc/hostname', mode: '0644', content: 'node001.cluster\n' }],
  enableUnits: [],
  setupbmc: undefined,
}

const templates = createTemplates({ directories: [join(import.meta.dirname, '../../templates')] })
const view = installScriptView({ ...defaults, ...JSON.parse(process.argv[2] ?? '{}') })
process.stdout.write(templates.render('install.sh', { ...view }))
