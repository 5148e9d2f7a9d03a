#!/usr/bin/env node
import { controlDaemon } from '../src/daemons/control.ts'
import { serveLweb } from '../src/daemons/lweb.ts'
import { createLuna } from '../src/luna.ts'

process.exit(await controlDaemon({ name: 'lweb', createLuna, serve: serveLweb }, process.argv.slice(2)))
