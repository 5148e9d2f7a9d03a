// preloaded into the commands that are measured: what the process itself used, without its children
process.on('exit', () => {
  require('node:fs').writeFileSync(process.env.LUNA_BENCH_USAGE, JSON.stringify(process.resourceUsage()))
})
