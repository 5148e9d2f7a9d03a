#!/usr/bin/env node
import { controlDaemon } from '../src/daemons/control.ts'
import { serveLweb } from '../src/daemons/lweb.ts'
import { createLuna } from '../src/luna.ts'

const daemon = { name: 'lweb', createLuna: () => createLuna({ mayLoseLatest: true }), serve: serveLweb }

process.exit(await controlDaemon(daemon, process.argv.slice(2)))
