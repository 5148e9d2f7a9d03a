import { doneWords, type PowerAction } from '../domain/power.ts'
import type { Command } from './command.ts'

/** A management controller and who may log in to it. */
export interface Bmc {
  address: string
  user: string
  password: string
  /** IPMI 2.0 table 22-20; the controller is asked for its best unless told. */
  cipherSuite?: number | undefined
}

const chassisWords: Record<PowerAction, readonly string[]> = {
  status: ['power', 'status'],
  on: ['power', 'on'],
  off: ['power', 'off'],
  reset: ['power', 'reset'],
  cycle: ['power', 'cycle'],
  // until it is turned off: whoever walks to the rack needs longer than the 15 s of an identify without a number
  identify: ['identify', 'force'],
  noidentify: ['identify', '0'],
}

/**
 * ipmitool(1) over RMCP+. The password goes by the environment, under both names that -E knows, since the first one, if the
 * administrator has it set, would win over the other. Verbose, or a wrong password looks the same as a dead controller.
 */
export const chassisCommand = (bmc: Bmc, action: PowerAction): Command => ({
  argv: [
    ...(['ipmitool', '-v', '-I', 'lanplus', '-H', bmc.address, '-U', bmc.user, '-E'] as const),
    ...(bmc.cipherSuite === undefined ? [] : ['-C', `${bmc.cipherSuite}`]),
    'chassis',
    ...chassisWords[action],
  ],
  env: { IPMITOOL_PASSWORD: bmc.password, IPMI_PASSWORD: bmc.password, LC_ALL: 'C' },
})

/** What to say of the machine by the output of a command that succeeded; undefined when it makes no sense. */
export function parseChassisAnswer(action: PowerAction, stdout: string): string | undefined {
  if (action !== 'status') return doneWords[action]
  return /^Chassis Power is (on|off)$/m.exec(stdout)?.[1]
}

/** ipmitool's words (standard error of -v) → what is wrong, for an administrator. */
const troubles: readonly [RegExp, string][] = [
  [/RAKP 2 HMAC is invalid/, 'the BMC refuses the password of the bmcsetup'],
  [/unauthorized name/i, 'the BMC does not know the user of the bmcsetup'],
  [
    /(Invalid|unsupported) (role|privilege)|insufficient privilege/i,
    'the BMC does not give the user administrator rights',
  ],
  [/Unable to establish/, 'the BMC does not answer'],
]

/** Why ipmitool failed, in one line. */
export function explainIpmitool(stderr: string): string {
  const known = troubles.find(([pattern]) => pattern.test(stderr))
  if (known) return known[1]
  const lines = stderr.split('\n').map(line => line.trim())
  const said = lines.filter(
    line => line !== '' && !/^(Loading IANA|IANA PEN|Unable to Get Channel Cipher|Running )/.test(line),
  )
  const [line] = [...said.filter(one => /fail|error/i.test(one)), ...said]
  return line === undefined ? 'ipmitool failed without a word' : `ipmitool: ${line.replace(/\p{Cc}/gu, '?')}`
}
