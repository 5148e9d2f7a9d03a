import { afterEach, beforeEach, expect, test } from 'vitest'
import { Site } from './site.ts'

/** What people have in scripts beside the lines of the READMEs (test/server/readmes): the other generation, beginnings of options, `=`. */
let site: Site

beforeEach(() => {
  site = new Site()
})
afterEach(() => site.remove())

/** Quietly, but for the image, which is not packed. */
function runAll(lines: string): void {
  const script = `set -eu -o pipefail\nPS4='+ '\n${lines}`
  const { status, stdout, stderr } = site.shell(script)
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: expect.any(String), stderr: unpacked })
}

const unpacked =
  'luna: warning: osimage "compute" is not packed, and nodes cannot boot it; run: luna osimage pack compute\n'

const json = (...words: string[]) => JSON.parse(site.ok(...words, '--json'))

test('every spelling', () => {
  runAll(`
luna cluster init --frontend_addr 10.30.255.254 -p n -d 2 --user=${site.user} --path ${site.directory}/luna/
luna cluster change --prefix node --digits 4
luna cluster change --cluster_ips 10.30.255.251,10.30.255.252 --lweb_num_proc 4 --frontend_https n
luna cluster change --lweb_pidfile /run/luna/lweb.pid --torrent_pidfile /run/luna/torrent.pid
luna cluster change --torrent_pidfile ''
luna network add cluster --network 10.30.4.1 --prefix=16 --ns_hostname=dns --ns_ip 10.30.0.1
luna network add --na ipmi --net 10.31.0.0 --pre 16
luna network add ib -N fd00:0:0:1:: -P 64
luna network change cluster -R 10.30.0.2,10.30.0.3
luna network change cluster --res 10.30.0.4
luna network change cluster --release 10.30.0.3
luna network change ib -P 72
luna network change ib --network fd00:0:0:2:: --prefix 64
luna osimage add compute --path ${site.directory}/os/compute --kernver ANY --kernopts 'quiet console=ttyS0'
luna osimage change compute -k 6.1.0-13-cloud-amd64 -d luna,-i18n -m virtio_net
luna bmcsetup add base -u root -p secret -I 2 -N 8 -M 8
luna bmcsetup change base --user admin
luna group add compute --osimage compute --network cluster --bmcsetup base -bn ipmi
luna group change compute -i BOOTIF --sn ib
luna group change compute -i eth1 --add
luna group change compute -i eth1 --nn eth2
luna group change compute -i eth2 -D
luna group change compute --dn cluster -i BOOTIF
luna group change compute -i BOOTIF --dn
luna group change compute -i BOOTIF --sn cluster
luna group change compute -bn --sn ipmi
luna group change compute -b ''
luna group change compute --ti BOOTIF
luna group change compute --ti ''
luna group change compute -d ipmi
luna group change compute --domain ''
echo 'echo pre' | luna group change compute --pre
echo a comment | luna group change compute -C
luna group clone compute -t copy
luna group rename copy --nn other
luna group delete other
luna node add 'node[0001-0003,0007],login1' --gr compute
luna node change 'node[0001-0002]' --sb no --sv yes -l n
luna node change node0001 --mac 52-54-00-AA-BB-CC
luna node change node0001 -i BOOTIF 10.30.7.7
luna node change -n node0001 -i BOOTIF 10.30.7.8
luna node change node0001 --bmcip 10.31.7.7
luna node change node0002 --mac ''
luna node rename node0007 --newname gpu1
luna node delete login1
luna -d node list -g compute -1
luna --debug node show node0001 -R
luna node show 'node[0001-0002]' --raw
luna otherdev add nas,pdu[1-2] --network cluster
luna otherdev add -n ups -N ipmi --ip 10.31.9.9
luna otherdev change nas -N ipmi -i 10.31.9.10
luna otherdev change -n pdu[1-2] --net cluster
luna otherdev rename ups --nn ups1
luna otherdev add kvm[1-2] -N ipmi -i 10.31.9.[21-22]
luna switch add sw[1-2],core -i 10.31.253.[1-2],10.31.253.254
luna switch change sw[1-2] -i 10.31.253.[11-12]
luna otherdev show nas -R
luna otherdev list --json
luna otherdev delete pdu[1-2],ups1
luna network show cluster -r
luna group show compute -o
luna group show compute --pre
luna group show compute -C
luna osimage rename compute --nn image
luna osimage show image
`)
  expect(json('node', 'list').map((node: { name: string }) => node.name)).toEqual([
    'gpu1',
    'node0001',
    'node0002',
    'node0003',
  ])
  expect(json('node', 'show', 'node0001')).toMatchObject({
    mac: '52:54:00:aa:bb:cc',
    setupbmc: false,
    service: true,
    interfaces: [
      { interface: 'BOOTIF', address: '10.30.7.8' },
      { interface: 'BMC', address: '10.31.7.7' },
    ],
  })
  const addressOf = (one: { ip?: string; addresses?: { address: string }[] }) => one.ip ?? one.addresses?.[0]?.address
  expect(json('switch', 'list').map(addressOf)).toEqual(['10.31.253.254', '10.31.253.11', '10.31.253.12'])
  expect(json('otherdev', 'show', 'kvm[1-2]').map(addressOf)).toEqual(['10.31.9.21', '10.31.9.22'])
  expect(site.ok('network', 'show', 'cluster', '-r')).toBe(
    '10.30.0.1      name server\n10.30.0.2      reserved\n10.30.0.4      reserved\n10.30.255.251  head node\n10.30.255.252  head node\n10.30.255.254  frontend address\n',
  )
  expect(json('group', 'show', 'compute')).toMatchObject({
    osimage: 'image',
    bmcsetup: null,
    domain: null,
    torrent_if: null,
    prescript: 'echo pre\n',
    comment: 'a comment\n',
  })
})
