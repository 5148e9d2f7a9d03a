import { LunaError } from '../src/errors.ts'
import { type LabPaths, labPaths } from './paths.ts'
import type { MachineOptions } from './qemu.ts'

/** What the environment says; this file is its only reader in the lab. */
export interface LabSettings {
  paths: LabPaths
  machine: MachineOptions
  /** Bytes per second that the head's seeder may send in all; undefined: no limit. */
  seederUploadLimit: number | undefined
  /** For how long the machines may take to become nodes; undefined: what their number and firmware suggest. */
  timeoutMs: number | undefined
}

/**
 * LUNA_LAB_DIR, LUNA_LAB_MEMORY (MiB of a machine), LUNA_LAB_ACCEL (tcg or kvm), LUNA_LAB_SEEDER_LIMIT (bytes per
 * second, 0: none), LUNA_LAB_TIMEOUT (seconds). Throws usage.
 */
export function readLabSettings(environment: NodeJS.ProcessEnv = process.env): LabSettings {
  const limit = parseCount('LUNA_LAB_SEEDER_LIMIT', environment['LUNA_LAB_SEEDER_LIMIT'] ?? `${defaultSeederLimit}`, 0)
  const timeoutS = environment['LUNA_LAB_TIMEOUT'] || undefined
  return {
    paths: labPaths(environment['LUNA_LAB_DIR'] ?? '/var/cache/luna-lab'),
    machine: {
      memoryMb: parseCount('LUNA_LAB_MEMORY', environment['LUNA_LAB_MEMORY'] ?? '2048', 512),
      accelerator: parseAccelerator(environment['LUNA_LAB_ACCEL'] ?? 'tcg'),
    },
    seederUploadLimit: limit === 0 ? undefined : limit,
    timeoutMs: timeoutS === undefined ? undefined : parseCount('LUNA_LAB_TIMEOUT', timeoutS, 1) * 1000,
  }
}

/**
 * An image of 100 MB is so quickly out of a head whose nodes are processes beside it that nobody would need to help
 * anybody. At this rate the head is as narrow for two nodes as a real one is for many.
 */
const defaultSeederLimit = 6 * 2 ** 20

function parseCount(name: string, text: string, least: number): number {
  if (!/^\d{1,12}$/.test(text) || Number(text) < least)
    throw new LunaError('usage', `${name} must be a whole number of at least ${least}, not "${text}"`)
  return Number(text)
}

function parseAccelerator(text: string): 'tcg' | 'kvm' {
  if (text === 'tcg' || text === 'kvm') return text
  throw new LunaError('usage', `LUNA_LAB_ACCEL must be tcg or kvm, not "${text}"`)
}
