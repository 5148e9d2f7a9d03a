import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { andStay, type Engine } from '../engine.ts'
import type { Scene } from '../scene.ts'
import { headAddress } from '../shaped-network.ts'

const configuration = ({ directory, torrent }: Scene): string => `
user root;
daemon off;
master_process off;
pid ${directory}/nginx/pid;
error_log stderr;
events { worker_connections 1024; }
http {
  sendfile on;
  access_log off;
  client_body_temp_path ${directory}/nginx/body;
  proxy_temp_path ${directory}/nginx/proxy;
  fastcgi_temp_path ${directory}/nginx/fastcgi;
  uwsgi_temp_path ${directory}/nginx/uwsgi;
  scgi_temp_path ${directory}/nginx/scgi;
  server {
    listen ${headAddress}:80;
    root ${torrent.dataDirectory};
  }
}
`

/** Every node fetches its own copy from nginx. */
export const curl: Engine = {
  name: 'curl',
  fits: ({ nodes }) => nodes <= 8,
  copyForEach: true,

  async startHead(scene) {
    const { head } = scene.network
    const directory = join(scene.directory, 'nginx')
    mkdirSync(directory)
    const path = join(directory, 'nginx.conf')
    writeFileSync(path, configuration(scene))
    const server = scene.start(head, ['nginx', '-p', directory, '-e', 'stderr', '-c', path])
    const retry = ['--retry', '50', '--retry-delay', '1', '--retry-connrefused']
    await head.run('curl', '-sS', '--fail', '--head', ...retry, `http://${headAddress}/${scene.torrent.name}`)
    return server
  },

  node: ({ torrent }, directory) => ({
    command: andStay(
      'curl',
      '-sS',
      '--fail',
      '--output',
      join(directory, torrent.name),
      `http://${headAddress}/${torrent.name}`,
    ),
    complete: /^complete/,
  }),
}
