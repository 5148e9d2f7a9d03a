import { expect, test } from 'vitest'
import { complaintOfNamed, parseNamedConf } from '../../../src/tools/named.ts'

test('what stands in named.conf, not what is in comments or quotes', () => {
  const text = `// include "/no/1";
# zone "no1" { };
/* include "/no/2";
   zone "no2" { }; */
include "/etc/bind/named.conf.local"; include
  "/etc/bind/keys/*.conf";
options { directory "/zone { include"; };
zone "." { type hint; file "/usr/share/dns/root.hints"; };
zone "Cluster." IN { type master; };
zone 30.10.in-addr.arpa{ type master; };
zone-statistics yes;
response-policy { zone "rpz"; };
`
  expect(parseNamedConf(text)).toEqual({
    includes: ['/etc/bind/named.conf.local', '/etc/bind/keys/*.conf'],
    zones: ['', 'cluster', '30.10.in-addr.arpa'],
    hasViews: false,
  })
})

test('views', () => {
  expect(parseNamedConf('view "inside" { zone "a" { }; };')).toEqual({ includes: [], zones: ['a'], hasViews: true })
})

test('of what named-checkconf says, trouble alone, with the names that files will have', () => {
  const said = `zone ipmi/IN: loaded serial 2026112200
/var/lib/bind/luna/.luna-candidate/cluster.luna.zone:9: unknown RR type 'foo'
_default/cluster/IN: unknown class/type
`
  expect(complaintOfNamed(said)).toBe(
    "/var/lib/bind/luna/cluster.luna.zone:9: unknown RR type 'foo'\n_default/cluster/IN: unknown class/type\n",
  )
})
