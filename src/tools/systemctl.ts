import type { Command } from './command.ts'

/** systemctl(1) reload-or-restart: starts a unit that does not run. */
export const reloadUnit = (unit: string): Command => ({ argv: ['systemctl', 'reload-or-restart', unit] })

/** systemctl(1) is-active: exits 0 while the unit runs. */
export const isUnitActive = (unit: string): Command => ({
  argv: ['systemctl', 'is-active', '--quiet', unit],
  reads: true,
})

/** systemctl(1) restart. */
export const restartUnit = (unit: string): Command => ({ argv: ['systemctl', 'restart', unit] })
