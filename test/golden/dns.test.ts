import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createTemplates } from '../../src/effects/templates.ts'
import { renderZone, renderZonesFile, zoneViews } from '../../src/render/dns.ts'
import { dnsAddresses, dnsNetworks } from '../dns-cluster.ts'
import { expectGolden } from '../golden-file.ts'

const { render } = createTemplates({ directories: [join(import.meta.dirname, '..', '..', 'templates')] })
const { zones, warnings } = zoneViews(dnsNetworks, dnsAddresses, [])

test('nothing is left out', () => {
  expect(warnings).toEqual([])
})

test.each(zones)('zone $zone', view => {
  expectGolden(`dns/${view.zone}.zone`, renderZone(view, 2_026_112_200, render))
})

test('the file that names them', () => {
  expectGolden('dns/luna.zones', renderZonesFile(zones, '/var/lib/bind/luna', render))
})
