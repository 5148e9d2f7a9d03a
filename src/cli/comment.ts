import type { Arguments } from './arguments.ts'
import type { Io } from './command.ts'

/** `show -C`: the comment alone. */
export const printComment = (io: Io, one: { comment: string }): void => io.print(commentText(one))

export const commentText = ({ comment }: { comment: string }): string =>
  comment === '' || comment.endsWith('\n') ? comment : `${comment}\n`

/** What several have in common is edited; comments that differ are begun anew. */
export function commonComment(all: readonly { comment: string }[]): string {
  const comments = new Set(all.map(({ comment }) => comment))
  return comments.size === 1 ? [...comments][0]! : ''
}

/** `change -C`: the comment as edited, or nothing when it was not asked for or did not change. */
export async function editComment(
  io: Io,
  args: Arguments,
  { comment, name }: { comment: string; name: string },
): Promise<{ comment?: string }> {
  if (!args.has('comment')) return {}
  const changed = await io.edit(comment, `${name}.comment`)
  return changed === undefined ? {} : { comment: changed }
}
