import type { Command } from './command.ts'
import { tied } from './tied.ts'

export interface ImageView {
  /** The program `luna-image-view` of libexec/. */
  program: string
  /** The image's directory. */
  image: string
  /** An empty directory to mount on; nothing of that is seen outside. */
  stage: string
  /** Directory with Luna's dracut module. */
  dracutModule: string
  /** Directory that the command sees as `viewOutput`. */
  output: string
}

export const viewOutput = '/run/luna'

/** Runs a command as root of an image that it cannot change. */
export const inImageView = (view: ImageView, command: Command): Command =>
  tied(
    {
      ...command,
      argv: [view.program, view.image, view.stage, view.dracutModule, view.output, ...command.argv],
    },
    { mounts: true },
  )
