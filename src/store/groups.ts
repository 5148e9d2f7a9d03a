import type { Group, GroupInterface } from '../domain/group.ts'
import { LunaError } from '../errors.ts'
import type { Tx } from './store.ts'

export async function listGroups(tx: Tx): Promise<Group[]> {
  const rows = await select(tx).orderBy('nodeGroup.name').execute()
  const interfaces = await listInterfaces(tx)
  return rows.map(row => toGroup(row, interfaces.get(row.id) ?? []))
}

export async function findGroup(tx: Tx, name: string): Promise<Group | undefined> {
  const row = await select(tx).where('nodeGroup.name', '=', name).executeTakeFirst()
  if (!row) return undefined
  return toGroup(row, (await listInterfaces(tx, row.id)).get(row.id) ?? [])
}

export async function getGroup(tx: Tx, name: string): Promise<Group> {
  const group = await findGroup(tx, name)
  if (group) return group
  throw new LunaError('notFound', `there is no group "${name}"; see: luna group list`)
}

const select = (tx: Tx) =>
  tx
    .selectFrom('nodeGroup')
    .innerJoin('osimage', 'osimage.id', 'nodeGroup.osimageId')
    .leftJoin('bmcsetup', 'bmcsetup.id', 'nodeGroup.bmcsetupId')
    .leftJoin('network', 'network.id', 'nodeGroup.domainId')
    .select([
      'nodeGroup.id',
      'nodeGroup.name',
      'osimage.name as osimage',
      'bmcsetup.name as bmcsetup',
      'network.name as domain',
      'nodeGroup.prescript',
      'nodeGroup.partscript',
      'nodeGroup.postscript',
      'nodeGroup.torrentIf',
      'nodeGroup.bootIf',
      'nodeGroup.seedMemory',
      'nodeGroup.packId',
      'nodeGroup.comment',
    ])

type GroupRow = Awaited<ReturnType<ReturnType<typeof select>['execute']>>[number]

const toGroup = ({ packId, ...row }: GroupRow, interfaces: GroupInterface[]): Group => ({
  ...row,
  bmcsetup: row.bmcsetup ?? undefined,
  domain: row.domain ?? undefined,
  torrentIf: row.torrentIf ?? undefined,
  bootIf: row.bootIf ?? undefined,
  seedMemory: row.seedMemory === 1,
  generation: packId ?? undefined,
  interfaces,
})

/** Interfaces by their group's id. */
async function listInterfaces(tx: Tx, groupId?: number): Promise<Map<number, GroupInterface[]>> {
  const query = tx
    .selectFrom('groupInterface')
    .leftJoin('network as network4', 'network4.id', 'groupInterface.networkId')
    .leftJoin('network as network6', 'network6.id', 'groupInterface.network6Id')
    .select([
      'groupInterface.id',
      'groupInterface.groupId',
      'groupInterface.name',
      'groupInterface.params',
      'network4.name as network4Name',
      'network6.name as network6Name',
    ])
    .orderBy('groupInterface.id')
  const rows = await (groupId === undefined ? query : query.where('groupInterface.groupId', '=', groupId)).execute()
  const byGroup = new Map<number, GroupInterface[]>()
  for (const { id, groupId: owner, name, params, network4Name, network6Name } of rows) {
    const networks = { 4: network4Name ?? undefined, 6: network6Name ?? undefined }
    byGroup.set(owner, [...(byGroup.get(owner) ?? []), { id, name, params, networks }])
  }
  return byGroup
}

async function toRow(tx: Tx, group: Omit<Group, 'id' | 'interfaces'>) {
  const idOf = async (table: 'osimage' | 'bmcsetup' | 'network', name: string | undefined): Promise<number | null> =>
    name === undefined
      ? null
      : (await tx.selectFrom(table).select('id').where('name', '=', name).executeTakeFirstOrThrow()).id
  const {
    osimage,
    bmcsetup,
    domain,
    torrentIf,
    bootIf,
    seedMemory,
    generation,
    name,
    prescript,
    partscript,
    postscript,
    comment,
  } = group
  return {
    ...{ name, prescript, partscript, postscript, comment },
    torrentIf: torrentIf ?? null,
    bootIf: bootIf ?? null,
    seedMemory: Number(seedMemory),
    packId: generation ?? null,
    osimageId: (await idOf('osimage', osimage))!,
    bmcsetupId: await idOf('bmcsetup', bmcsetup),
    domainId: await idOf('network', domain),
  }
}

/** Stores the group without its interfaces and returns its id. */
export async function insertGroup(tx: Tx, group: Omit<Group, 'id' | 'interfaces'>): Promise<number> {
  const row = await toRow(tx, group)
  return (await tx.insertInto('nodeGroup').values(row).returning('id').executeTakeFirstOrThrow()).id
}

export async function updateGroup(tx: Tx, group: Omit<Group, 'interfaces'>): Promise<void> {
  await tx
    .updateTable('nodeGroup')
    .set(await toRow(tx, group))
    .where('id', '=', group.id)
    .execute()
}

export async function deleteGroup(tx: Tx, id: number): Promise<void> {
  await tx.deleteFrom('nodeGroup').where('id', '=', id).execute()
}

type NewInterface = Omit<GroupInterface, 'id' | 'networks'> & { networkId: number | null; network6Id: number | null }

export async function insertInterface(tx: Tx, groupId: number, one: NewInterface): Promise<void> {
  await tx
    .insertInto('groupInterface')
    .values({ groupId, ...one })
    .execute()
}

export async function updateInterface(tx: Tx, id: number, change: Partial<NewInterface>): Promise<void> {
  await tx.updateTable('groupInterface').set(change).where('id', '=', id).execute()
}

export async function deleteInterface(tx: Tx, id: number): Promise<void> {
  await tx.deleteFrom('groupInterface').where('id', '=', id).execute()
}
