import { runLab } from '../lab/cli.ts'

process.exit(await runLab(process.argv.slice(2)))
