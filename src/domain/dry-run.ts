/** Something with a text, which a command would make, change or remove: an object, or a file. */
export interface Described {
  /** `node node001`, `/etc/dhcp/dhcpd.conf`. */
  title: string
  text: string
}

/** What a command would do if it were not a dry run. */
export type Intention =
  | { kind: 'change'; before: Described | undefined; after: Described | undefined }
  /** A program that would be run. */
  | { kind: 'run'; argv: readonly string[] }
  /** Anything else, in words that follow "would". */
  | { kind: 'act'; words: string }

/** Is told what would be done, in the order in which it would be. */
export type Tell = (intention: Intention) => void
