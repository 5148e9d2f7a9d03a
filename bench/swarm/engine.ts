import type { Program } from './program.ts'
import type { Scale } from './scale.ts'
import type { Scene } from './scene.ts'

/** One way of getting an image from a head to its nodes. */
export interface Engine {
  readonly name: string
  /** Whether it is measured so; always, by default. */
  readonly fits?: (scale: Scale) => boolean
  /** It sends every node a copy of its own, so that what more nodes than measured take can be said without trying. */
  readonly copyForEach?: boolean
  /** Makes the head ready for nodes, tracker and all. @returns the program that sends */
  startHead(scene: Scene): Promise<Program>
  /** What runs on a node and goes on until it is ended, and the line by which it says that it has the whole image. */
  node(scene: Scene, directory: string): { command: readonly string[]; complete: RegExp }
}

/** A program that ends when it has the image, as one that does not: what it used could not be read any more. */
export const andStay = (...command: string[]): string[] => [
  ...['sh', '-c', 'setpriv --pdeathsig KILL "$@" >&2 && echo complete && exec sleep 86400', 'sh'],
  ...command,
]
