import { describe, expect, it } from 'vitest'
import { powerActions } from '../../../src/domain/power.ts'
import { chassisCommand, explainIpmitool, parseChassisAnswer } from '../../../src/tools/ipmitool.ts'

const bmc = { address: '10.31.0.1', user: 'ladmin', password: 'secret' }

describe('the command', () => {
  it.each(powerActions)('keeps the password of %s out of the arguments', action => {
    const { argv, env } = chassisCommand(bmc, action)
    expect(argv.join(' ')).not.toContain('secret')
    expect(env).toMatchObject({ IPMITOOL_PASSWORD: 'secret', IPMI_PASSWORD: 'secret' })
  })

  it('names the cipher suite only when told', () => {
    expect(chassisCommand(bmc, 'status').argv).not.toContain('-C')
    expect(chassisCommand({ ...bmc, cipherSuite: 3 }, 'status').argv.join(' ')).toContain('-C 3 chassis power status')
  })
})

it('reads the power state among the words of -v, and nothing into garbage', () => {
  expect(parseChassisAnswer('status', 'Loading IANA PEN Registry...\nChassis Power is off\n')).toBe('off')
  expect(parseChassisAnswer('status', 'Chassis Power is purple\n')).toBeUndefined()
})

// standard error of ipmitool 1.8.19 -v
it.each([
  ['> RAKP 2 HMAC is invalid\nError: Unable to establish IPMI v2 / RMCP+ session\n', /refuses the password/],
  ['RAKP 2 message indicates an error : unauthorized name\nError: Unable to establish IPMI v2 / RMCP+ session', /user/],
  ['Unable to Get Channel Cipher Suites\nError: Unable to establish IPMI v2 / RMCP+ session', /does not answer/],
  [
    'Loading IANA PEN Registry...\nSet Chassis Power Control to Reset failed: Command not supported in present state',
    /^ipmitool: Set Chassis Power Control to Reset failed: Command not supported in present state$/,
  ],
  ['', /without a word/],
])('explains %j in one line', (stderr, line) => {
  expect(explainIpmitool(stderr)).toMatch(line)
})
