/** Lines of columns as wide as their widest cell, which may itself have several lines; `right` are the columns of numbers. */
export function columns(rows: readonly (readonly string[])[], right: ReadonlySet<number> = new Set()): string[] {
  const lines = rows.flatMap(toLines)
  const widths: number[] = []
  for (const line of lines)
    for (const [column, text] of line.entries()) widths[column] = Math.max(widths[column] ?? 0, widthOf(text))
  return lines.map(line => {
    const cells = line.map((text, column) => {
      const space = ' '.repeat(widths[column]! - widthOf(text))
      return right.has(column) ? space + text : text + space
    })
    return cells.join('  ').trimEnd()
  })
}

/** A row whose cells have several lines, as that many rows. */
function toLines(row: readonly string[]): string[][] {
  const cells = row.map(cell => cell.split('\n'))
  const height = Math.max(...cells.map(cell => cell.length))
  return Array.from({ length: height }, (_, line) => cells.map(cell => cell[line] ?? ''))
}

/** Characters that terminals show two columns wide (UAX #11 "East Asian Width", UTS #51), and those that add nothing to the one before. */
const wide = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60]/gu
const combining = /[\p{M}\u200d]/gu

/** Columns of a terminal that the text takes. */
function widthOf(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length // almost always, and 5,000 nodes have 25,000 cells
  return [...text.replace(combining, '')].length + (text.match(wide)?.length ?? 0)
}
