import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Config, readConfig } from './config.ts'
import { type DatabaseUrl, parseDatabaseUrl } from './domain/database-url.ts'
import type { Tell } from './domain/dry-run.ts'
import type { SwarmSnapshot } from './domain/swarm.ts'
import { createDryExec, createDryPackFiles } from './effects/dry-run.ts'
import { createDrySite, tellDatabaseMade } from './effects/dry-site.ts'
import { createExec, type Exec } from './effects/exec.ts'
import { createFileSets, type FileSets } from './effects/file-sets.ts'
import { createFiles, type Files } from './effects/files.ts'
import { createImageTree, type ImageTree } from './effects/image-tree.ts'
import { createDryLocks, createLocks, type Locks } from './effects/locks.ts'
import { createNeighbours, type Neighbours } from './effects/neighbours.ts'
import { createPackFiles, type PackFiles } from './effects/pack-files.ts'
import { hashPieces } from './effects/piece-hashes.ts'
import { createPrivileges, type Privileges } from './effects/privileges.ts'
import { createSite, prepareDatabaseDirectory, type Site } from './effects/site.ts'
import { createSnmp, type Snmp } from './effects/snmp.ts'
import { createTrackerForwarder, isSwarmFed, readSwarm, type TrackerForwarder } from './effects/swarm-client.ts'
import { createTemplates, type Templates } from './effects/templates.ts'
import { findLoginName, getUser } from './effects/users.ts'
import { LunaError } from './errors.ts'
import { findCluster, getCluster } from './store/clusters.ts'
import { createDryStore } from './store/dry-store.ts'
import { openStore, type Store } from './store/store.ts'
import { flock } from './tools/flock.ts'

/** Everything that reaches the world, made once and handed down; each function asks for the part that it uses. */
export interface Luna {
  config: Config
  store: Store
  exec: Exec
  files: Files
  fileSets: FileSets
  site: Site
  /** What ltorrent on this head knows of the swarms. */
  swarm: { read(): Promise<SwarmSnapshot | undefined> }
  /** Whether ltorrent is giving an image to nodes just now. */
  seeding: { now(): Promise<boolean> }
  /** Looks into the trees of images. */
  imageTree: ImageTree
  /** What packing makes. */
  packFiles: PackFiles
  hashPieces: typeof hashPieces
  locks: Locks
  /** Templates shipped with Luna, shadowed by the site's own in the cluster's `templates/`. */
  templates: Templates
  /** The head's kernel's view of the machines around it. */
  neighbours: Neighbours
  privileges: Privileges
  /** Asks network switches. */
  snmp: Snmp
  /** ltorrent, for lweb to hand requests on to. */
  tracker: TrackerForwarder
  /** Directory of what is shipped beside the programs: templates/, dracut/, nginx/ ... */
  shareDirectory: string
  /** Who runs this, by login name. */
  loginName: () => string
  /** Now, in milliseconds since 1970. */
  clock: () => number
  /** Set in a dry run: what has no place to rehearse says here what it would do, and does nothing. */
  tell?: Tell | undefined
  close(): Promise<void>
}

export interface LunaOptions {
  /** A database's url, or the path of another luna.conf, instead of what luna.conf says. */
  at?: string
  /** Makes the database when there is none yet, for this user: what `luna cluster init` does. */
  createFor?: string
  /** As StoreOptions says. */
  mayLoseLatest?: boolean
  /** A dry run: nothing is changed, and what would be is told. */
  tell?: Tell
}

/** @throws LunaError notReady when there is no cluster yet, unless it is being made */
export async function createLuna(options: LunaOptions = {}): Promise<Luna> {
  const { at, createFor, tell } = options
  const config = readConfigAt(at)
  const { database } = config
  const opened =
    createFor === undefined ? await openStore(database, options) : await createStore(database, createFor, tell)
  const store = tell ? createDryStore(opened, tell) : opened
  const exec = createExec()
  const files = createFiles(exec, tell)
  const tracker = createTrackerForwarder(config.runDirectory)
  const neighbours = createNeighbours(exec)
  const shareDirectory = findShareDirectory()
  const cluster = createFor === undefined ? await store.read(getCluster) : undefined
  const directories = [join(cluster?.path ?? '/opt/luna', 'templates'), join(shareDirectory, 'templates')]
  return {
    config,
    store,
    exec: tell ? createDryExec(exec, tell) : exec,
    files,
    fileSets: createFileSets(files, tell),
    site: tell ? createDrySite(database, tell) : createSite(database),
    swarm: { read: () => readSwarm(config.runDirectory) },
    seeding: { now: () => isSwarmFed(config.runDirectory) },
    imageTree: createImageTree(),
    packFiles: tell ? createDryPackFiles(createPackFiles(), tell) : createPackFiles(),
    hashPieces,
    locks: tell ? createDryLocks(exec, flock) : createLocks(exec, flock),
    templates: createTemplates({ directories }),
    neighbours,
    privileges: createPrivileges(),
    snmp: createSnmp(),
    tracker,
    shareDirectory,
    loginName: findLoginName,
    clock: Date.now,
    tell,
    close: () => {
      tracker.close()
      neighbours.close()
      return store.close()
    },
  }
}

function readConfigAt(at: string | undefined): Config {
  if (at === undefined) return readConfig()
  return at.startsWith('/') ? readConfig({ LUNA_CONF: at }) : { ...readConfig(), database: parseDatabaseUrl(at) }
}

/** Where there is a cluster already, that one: whoever wants to make another is told so. */
async function createStore(database: DatabaseUrl, userName: string, tell?: Tell): Promise<Store> {
  const present = await openIfThere(database)
  if (present && (tell || (await present.read(findCluster)))) return present
  await present?.close()
  const user = getUser(userName)
  if (tell) {
    tellDatabaseMade(database, user, tell)
    return openStore({ kind: 'sqlite', path: ':memory:' }, { create: true }) // rehearsed there
  }
  if (database.kind === 'sqlite') prepareDatabaseDirectory(database.path, user)
  return openStore(database, { create: true })
}

async function openIfThere(database: DatabaseUrl): Promise<Store | undefined> {
  try {
    return await openStore(database)
  } catch (error) {
    if (error instanceof LunaError && error.kind === 'notReady') return undefined
    throw error
  }
}

/** dist/share/luna beside dist/lib/luna when built, the source tree's root when run from source. */
function findShareDirectory(): string {
  const here = dirname(fileURLToPath(import.meta.url))
  const built = join(here, '..', '..', 'share', 'luna')
  return existsSync(join(built, 'templates')) ? built : join(here, '..')
}
