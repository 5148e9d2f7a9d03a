import { listPlaces } from '../operations/learned-macs.ts'
import { type Action, jsonOption } from './command.ts'
import { json, table } from './print.ts'

export const listMacsAction: Action = {
  name: 'listmacs',
  summary: 'list what the switches have learned: which MAC is at which port',
  options: [jsonOption],
  reads: true,
  async run({ luna, io }, args) {
    const places = await listPlaces(await luna())
    if (args.has('raw')) return io.print(json(places))
    const rows = places.map(place => [
      place.switch,
      place.port,
      place.portName || '-',
      place.mac,
      place.confport ? 'yes' : '-',
      place.node ?? '-',
    ])
    io.print(table(['Switch', 'Port', 'Portname', 'MAC', 'Confport', 'Node'], rows))
  },
}
