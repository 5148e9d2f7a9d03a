import { expect, test } from 'vitest'
import { seedCommand } from '../../../src/tools/aria2.ts'

const input = {
  torrentPath: '/opt/luna/torrents/compute-17.torrent',
  dataDirectory: '/opt/luna/torrents',
  port: 7100,
  parentPid: 4711,
}

test('seeding, as one command that dies with its parent', () => {
  expect(seedCommand(input)).toEqual({
    env: { LC_ALL: 'C' },
    argv: [
      'setpriv',
      '--pdeathsig',
      'KILL',
      'aria2c',
      '--no-conf=true',
      '--stop-with-process=4711',
      '--dir=/opt/luna/torrents',
      '--listen-port=7100',
      '--bt-seed-unverified=true',
      '--seed-ratio=0.0',
      '--bt-max-peers=0',
      '--max-overall-upload-limit=0',
      '--bt-exclude-tracker=*',
      '--enable-dht=false',
      '--enable-dht6=false',
      '--bt-enable-lpd=false',
      '--async-dns=false',
      '--show-console-readout=false',
      '--summary-interval=0',
      '--console-log-level=notice',
      '--enable-color=false',
      '--torrent-file=/opt/luna/torrents/compute-17.torrent',
    ],
  })
})

test('an upload limit in bytes per second', () => {
  expect(seedCommand({ ...input, uploadLimit: 3_145_728 }).argv).toContain('--max-overall-upload-limit=3145728')
})
