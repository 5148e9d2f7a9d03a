/**
 * A program to be run, as data: what is decided in `tools` and `operations`, and acted on in `effects/exec.ts` alone.
 * Never a shell string; secrets travel by `env` or `input`, never in `argv` (ps(1) shows it to everyone).
 */
export interface Command {
  readonly argv: readonly [string, ...string[]]
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** It only looks: a dry run runs it, too. */
  readonly reads?: true
  /** Written to standard input, which is empty otherwise. */
  readonly input?: string
  /** What to install where the program is missing. */
  readonly package?: string
}
