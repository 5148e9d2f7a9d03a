/** Everything that makes one node's install script; strings may hold anything, the template quotes them. */
export interface InstallScriptInput {
  node: string
  /** What the node calls itself: `node001.cluster`, or `node001` without a domain. */
  hostname: string
  /** `http://10.30.255.254:7050/luna` */
  url: string
  /** Of the node's present boot; empty when the head itself asks for the script. */
  token: string
  image: {
    name: string
    generation: number
    /** The same file at each head. */
    tarballUrls: readonly string[]
    torrentUrl: string
    /** Names the node, so that the tracker can say whose progress it sees. */
    announceUrl: string
    /** 40 hexadecimal digits: what every piece is verified against, in the end. */
    infoHash: string
    sizeBytes: number
    fileName: string
    /** A node whose root is in memory keeps the whole file there for others. */
    seedMemory: boolean
    /** Memory that must be free for the file. */
    roomBytes: number
  }
  /** The torrent client's, both included. */
  listenPorts: { min: number; max: number }
  /** The interface by which nodes reach each other, `address` with its prefix length; undefined for the one they boot from. */
  torrentIf: { name: string; address: string } | undefined
  prescript: string
  partscript: string
  postscript: string
  /** Written into the node's root; `@BOOTIF@` in path and content is what its system calls the NIC it boots from. */
  files: readonly { path: string; mode: string; content: string }[]
  enableUnits: readonly string[]
  setupbmc: BmcInput | undefined
}

export interface BmcInput {
  ip: string
  netmask: string
  user: string
  password: string
  userid: number
  netchannel: number
  mgmtchannel: number
}

/** The variables of templates/install.sh. Absent is null, which Liquid takes as false. */
export interface InstallScriptView {
  node: string
  hostname: string
  url: string
  token: string
  image: {
    name: string
    generation: number
    tarball_urls: string[]
    torrent_url: string
    announce_url: string
    info_hash: string
    size_bytes: number
    file_name: string
    seed_memory: boolean
    room_bytes: number
  }
  /** `7052-7200` */
  listen_ports: string
  torrent_if: { name: string; address: string } | null
  prescript: string
  partscript: string
  postscript: string
  files: { path: string; mode: string; content: string }[]
  enable_units: string[]
  setupbmc: BmcInput | null
}

/** Scripts come from editors and terminals: CR LF of the former would end up in commands. */
export function installScriptView(input: InstallScriptInput): InstallScriptView {
  const { image, listenPorts } = input
  return {
    node: input.node,
    hostname: input.hostname,
    url: input.url,
    token: input.token,
    image: {
      name: image.name,
      generation: image.generation,
      tarball_urls: [...image.tarballUrls],
      torrent_url: image.torrentUrl,
      announce_url: image.announceUrl,
      info_hash: image.infoHash.toLowerCase(),
      size_bytes: image.sizeBytes,
      file_name: image.fileName,
      seed_memory: image.seedMemory,
      room_bytes: image.roomBytes,
    },
    listen_ports: `${listenPorts.min}-${listenPorts.max}`,
    torrent_if: input.torrentIf ?? null,
    prescript: unixLines(input.prescript),
    partscript: unixLines(input.partscript),
    postscript: unixLines(input.postscript),
    files: input.files.map(({ path, mode, content }) => ({ path, mode, content })),
    enable_units: [...input.enableUnits],
    setupbmc: input.setupbmc ?? null,
  }
}

const unixLines = (text: string): string => text.replaceAll('\r\n', '\n')
