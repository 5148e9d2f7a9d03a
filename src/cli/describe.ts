import { LunaError } from '../errors.ts'

/** One line for an administrator, its detail below; for a bug, the stack. */
export function describe(error: unknown, debug: boolean, program = 'luna'): string {
  if (!(error instanceof LunaError))
    return `${program}: this is a bug, please report it:\n${(error as Error)?.stack ?? String(error)}\n`
  const detail = error.detail ? `${error.detail.replace(/^/gm, '  ')}\n` : ''
  const stack = debug ? `${error.stack}${error.cause ? `\ncaused by ${(error.cause as Error).stack}` : ''}\n` : ''
  return `${program}: ${visible(error.message)}\n${detail}${stack}`
}

/** What was typed comes back in messages; it must not break the line or steer the terminal. */
const visible = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, codeOf)
    .replace(/\S{200,}/g, word => `${word.slice(0, 100)}...${word.slice(-50)}`)

const codeOf = (character: string): string => {
  const code = character.codePointAt(0)!
  return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
}
