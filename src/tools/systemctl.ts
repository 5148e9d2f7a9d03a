import type { Command } from './command.ts'

/** systemctl(1) restart. */
export const restartUnit = (unit: string): Command => ({ argv: ['systemctl', 'restart', unit] })
