import { join } from 'node:path'
import { build } from 'esbuild'

/**
 * What the daemons' Node.js is started with. V8's compiler and collector have four threads by default: on the one core of a busy head they
 * leave a daemon less than half of it, for a tenth of a second (bench/discovery.ts).
 */
export const daemonOptions = ['--v8-pool-size=1']

/** Makes programs of TypeScript files, as they are shipped: `out`.mjs in `directory`, with what they share beside them. */
export async function bundle(
  programs: { in: string; out: string }[],
  directory: string,
  version: string,
): Promise<void> {
  await build({
    absWorkingDir: join(import.meta.dirname, '..'),
    entryPoints: programs,
    outdir: directory,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    minifySyntax: true,
    legalComments: 'none',
    define: { LUNA_VERSION: JSON.stringify(version) },
    // CommonJS packages inside an ES module bundle still call require, for Node's own modules alone; createRequire in each of the
    // 50 files that a command loads would cost it as many tenths of a millisecond
    banner: { js: 'globalThis.require ??= process.getBuiltinModule;' },
    logLevel: 'warning',
  })
}
