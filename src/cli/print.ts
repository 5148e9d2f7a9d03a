import { columns } from './columns.ts'

/** A table with a head line; cells may have several lines. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  toText([head, ...rows.map(row => row.map(printable))])

/** `name  value` lines; a hyphen where there is none. */
export const properties = (pairs: readonly (readonly [string, string])[]): string =>
  toText(pairs.map(([name, value]) => [name, printable(value).trimEnd() || '-']))

const toText = (rows: readonly (readonly string[])[]): string => `${columns(rows).join('\n')}\n`

/** Texts of nodes and people must not steer the terminal that they are shown on. */
export const printable = (cell: string): string => cell.replace(/[^\P{Cc}\n\t]/gu, '\ufffd')

/** `frontendAddress` as people and scripts know it: `frontend_address`. */
export const snake = (key: string): string => key.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)

/** JSON with keys in snake_case and undefined as null: one stable shape for scripts. */
export const json = (value: unknown): string => `${JSON.stringify(toSnake(value), null, 2)}\n`

function toSnake(value: unknown): unknown {
  if (value === undefined) return null
  if (Array.isArray(value)) return value.map(toSnake)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [snake(key), toSnake(one)]))
}

/** Bytes for people, in the binary units of IEC 80000-13. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  const power = bytes < 1024 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1)
  const value = bytes / 1024 ** power
  return `${power === 0 || value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${units[power]}`
}

/** `2 min 05 s` since a moment. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`
  const hours = Math.floor(seconds / 3600)
  if (hours < 48) return `${hours} h ${String(Math.floor((seconds % 3600) / 60)).padStart(2, '0')} min`
  return `${Math.floor(hours / 24)} days`
}

/** `2026-03-01 14:05`, of the time that the head's clock has in Greenwich. */
export const formatTime = (ms: number): string => new Date(Number(ms)).toISOString().slice(0, 16).replace('T', ' ')

export const yesNo = (value: boolean): string => (value ? 'yes' : 'no')
