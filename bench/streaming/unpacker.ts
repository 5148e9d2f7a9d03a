/** Reads a file or FIFO no faster than something that unpacks so many bytes per second would: argv is the path and the rate. */
import { createReadStream } from 'node:fs'
import { RateLimit } from '../../src/http/rate-limit.ts'

const [, , path, rate] = process.argv as [string, string, string, string]
const limit = new RateLimit(Number(rate))
process.stdout.write('ready\n')
for await (const chunk of createReadStream(path, { highWaterMark: 64 * 1024 })) await limit.take(chunk.length)
await limit.take(0) // what was read last takes its time, too
process.stdout.write('unpacked\n')
await new Promise(() => setInterval(() => {}, 60_000)) // a program that ends is a failure to who started it
