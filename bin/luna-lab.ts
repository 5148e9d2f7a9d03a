import { runLab } from '../lab/cli.ts'

process.exitCode = await runLab(process.argv.slice(2))
