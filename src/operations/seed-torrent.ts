import type { ChildProcess } from 'node:child_process'
import type { Exec } from '../effects/exec.ts'
import { type SeedInput, seedCommand } from '../tools/aria2.ts'

/** Starts a process that seeds until it is killed or this process is gone. Its output says why it ended. */
export const seedTorrent = ({ exec }: { exec: Exec }, input: Omit<SeedInput, 'parentPid'>): ChildProcess =>
  exec.start(seedCommand({ ...input, parentPid: process.pid }), 'pipe')
