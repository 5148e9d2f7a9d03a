#!/usr/bin/env node
import { controlDaemon } from '../src/daemons/control.ts'
import { serveLtorrent } from '../src/daemons/serve-ltorrent.ts'
import { createLuna } from '../src/luna.ts'

process.exit(await controlDaemon({ name: 'ltorrent', createLuna, serve: serveLtorrent }, process.argv.slice(2)))
