import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { type DatabaseUrl, nameDatabase } from '../domain/database-url.ts'
import type { Tell } from '../domain/dry-run.ts'
import { checkWritable, clusterDirectories, directoryNotMade, type Site } from './site.ts'
import { getUser, type User } from './users.ts'

/** Looks whether everything could be made, and tells what would be. */
export const createDrySite = (database: DatabaseUrl, tell: Tell): Site => ({
  async prepareCluster(path, userName) {
    const user = getUser(userName)
    const file = database.kind === 'sqlite' ? database.path : undefined
    if (file !== undefined && existsSync(dirname(file))) checkWritable(dirname(file), user)
    for (const directory of clusterDirectories(path)) {
      if (!existsSync(directory)) tellMade(directory, user, tell)
      else if (directory !== path) tellGiven(directory, user, tell)
    }
    if (file !== undefined && existsSync(file)) tellGiven(file, user, tell)
  },
})

/** What `prepareDatabaseDirectory` and the first opening of the database would make. */
export function tellDatabaseMade(database: DatabaseUrl, user: User, tell: Tell): void {
  const directory = database.kind === 'sqlite' ? dirname(database.path) : undefined
  if (directory !== undefined && !existsSync(directory)) tellMade(directory, user, tell)
  const what = database.kind === 'sqlite' ? 'make the database' : 'make tables in the database'
  tell({ kind: 'act', words: `${what} ${nameDatabase(database)}` })
}

function tellMade(directory: string, { name }: User, tell: Tell): void {
  checkCanBeMade(directory)
  tell({ kind: 'act', words: `make the directory ${directory} for ${name}` })
}

function checkCanBeMade(directory: string): void {
  let there = dirname(directory)
  while (!existsSync(there)) there = dirname(there)
  try {
    accessSync(`${there}/.`, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw directoryNotMade(directory, error)
  }
}

function tellGiven(path: string, { name, uid, gid }: User, tell: Tell): void {
  const owner = statSync(path)
  const isOther = owner.uid !== uid || owner.gid !== gid
  if (isOther && process.getuid?.() === 0) tell({ kind: 'act', words: `give ${path} to ${name}` })
}
