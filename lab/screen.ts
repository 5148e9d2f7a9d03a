/**
 * Where the lab talks to people: lines that stay, and below them some that are drawn again and again. In a pipe or a
 * log nothing can be drawn again, so the latter are left out there.
 */
export interface Screen {
  readonly isTerminal: boolean
  print(line: string): void
  /** Replaces the changing lines. */
  redraw(lines: readonly string[]): void
  /** Lets the changing lines stay as they are. */
  keep(): void
}

export function createScreen(output: NodeJS.WriteStream = process.stdout): Screen {
  let drawn: readonly string[] = []
  const erase = () => (drawn.length === 0 ? '' : `\x1b[${drawn.length}A\x1b[J`)
  const draw = (lines: readonly string[]) =>
    lines.map(line => `${line.slice(0, (output.columns || 80) - 1)}\n`).join('')
  return {
    isTerminal: output.isTTY === true,
    print(line) {
      output.write(output.isTTY ? `${erase()}${line}\n${draw(drawn)}` : `${line}\n`)
    },
    redraw(lines) {
      if (!output.isTTY) return
      output.write(`${erase()}${draw(lines)}`)
      drawn = lines
    },
    keep() {
      drawn = []
    },
  }
}
