import { describe, expect, it } from 'vitest'
import { CommandError, createExec } from '../../../src/effects/exec.ts'

const exec = createExec()

describe('running a program', () => {
  it('gives its output, line by line as it comes and whole', async () => {
    const lines: string[] = []
    const result = await exec.run(
      { argv: ['sh', '-c', 'echo one; echo two; echo three >&2'] },
      { onStdoutLine: line => lines.push(line) },
    )
    expect(result).toEqual({ stdout: 'one\ntwo\n', stderr: 'three\n' })
    expect(lines).toEqual(['one', 'two'])
  })

  it('hands over input and environment', async () => {
    const { stdout } = await exec.run({
      argv: ['sh', '-c', 'cat; echo "$SECRET"'],
      input: 'in ',
      env: { SECRET: 'x y' },
    })
    expect(stdout).toBe('in x y\n')
  })

  it('throws with the status and the last words', async () => {
    const failed = exec.run({ argv: ['sh', '-c', 'echo why >&2; exit 7'] })
    await expect(failed).rejects.toMatchObject({ status: 7, detail: 'why', message: 'sh ended with status 7' })
  })

  it('says that a program is not there', async () => {
    await expect(exec.run({ argv: ['luna-no-such-program'] })).rejects.toThrow('luna-no-such-program is not installed')
    await expect(exec.run({ argv: ['luna-no-such-program'], package: 'luna-tools' })).rejects.toThrow(
      /is not installed; install luna-tools$/,
    )
  })

  it('ends a program that takes too long', async () => {
    const late = exec.run({ argv: ['sleep', '100'] }, { timeoutMs: 50 })
    await expect(late).rejects.toBeInstanceOf(CommandError)
    await expect(late).rejects.toThrow('SIGTERM')
  })

  it('does not wait for what the program left running with its output', async () => {
    // the sleep holds the pipe for longer than this test may take
    const { stdout } = await exec.run({ argv: ['sh', '-c', 'sleep 60 & echo "$!"'] })
    process.kill(Number(stdout))
  })
})
