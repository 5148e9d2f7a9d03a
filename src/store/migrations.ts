import type { Kysely } from 'kysely'
import { firstNode } from './migrations/001-first-node.ts'
import { switchesAndDevices } from './migrations/002-switches-and-devices.ts'
import { dns } from './migrations/003-dns.ts'
import { clusterSettings } from './migrations/004-cluster-settings.ts'
import { dhcp } from './migrations/005-dhcp.ts'
import { unknownMachines } from './migrations/006-unknown-machines.ts'
import { switches } from './migrations/007-switches.ts'
import { openBoots } from './migrations/008-open-boots.ts'
import { seedMemory } from './migrations/009-seed-memory.ts'
import { storms } from './migrations/010-storms.ts'
import { generations } from './migrations/011-generations.ts'
import { badSenders } from './migrations/012-bad-senders.ts'
import { pinnedGenerations } from './migrations/013-pinned-generations.ts'
import { packages } from './migrations/014-packages.ts'

/** Steps from an empty database to the present schema, in order. One that has been released is never changed again. */
export const migrations: readonly { name: string; up: (db: Kysely<unknown>) => Promise<void> }[] = [
  { name: '001-first-node', up: firstNode },
  { name: '002-switches-and-devices', up: switchesAndDevices },
  { name: '003-dns', up: dns },
  { name: '004-cluster-settings', up: clusterSettings },
  { name: '005-dhcp', up: dhcp },
  { name: '006-unknown-machines', up: unknownMachines },
  { name: '007-switches', up: switches },
  { name: '008-open-boots', up: openBoots },
  { name: '009-seed-memory', up: seedMemory },
  { name: '010-storms', up: storms },
  { name: '011-generations', up: generations },
  { name: '012-bad-senders', up: badSenders },
  { name: '013-pinned-generations', up: pinnedGenerations },
  { name: '014-packages', up: packages },
]
