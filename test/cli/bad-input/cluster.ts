import { Session } from '../session.ts'

/** The cluster that the tables speak of: the READMEs' one, with something of every kind in it. */
export async function createBadInputSession(): Promise<Session> {
  const session = new Session()
  const { site } = session
  site.image('os/other', '6.1.0-1-amd64')
  site.image('os/second', '6.1.0-1-amd64')
  const lines = [
    'node add node[001-002] -g compute',
    'node change node001 --mac 52:54:00:00:00:01',
    'network add six -N fd00:: -P 64',
    'network add tiny -N 10.40.0.0 -P 30',
    'network change cluster -R 10.30.7.7',
    'group add small -o compute -N tiny',
    `osimage add second -p ${site.directory}/os/second`,
    'bmcsetup add other',
    'switch add sw1 -i 10.30.0.50',
    'node change node001 -s sw1 -p 7',
    'otherdev add store -N cluster -i 10.30.0.60',
  ]
  for (const line of lines) {
    const { status, stderr } = await session.luna(line.split(' '))
    if (status !== 0) throw new Error(`luna ${line}: ${stderr}`)
  }
  return session
}
