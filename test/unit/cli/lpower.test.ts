import { describe, expect, it } from 'vitest'
import type { Context } from '../../../src/cli/command.ts'
import { lpower, splitWords, summary } from '../../../src/cli/lpower.ts'
import { runTool } from '../../../src/cli/program.ts'

describe('the words of lpower', () => {
  it('takes the action last or first', () => {
    const expected = { action: 'status', words: ['node001'] }
    expect(splitWords(['node001', 'status'])).toEqual(expected)
    expect(splitWords(['status', 'node001'])).toEqual(expected)
    expect(splitWords(['status'])).toEqual({ action: 'status', words: [] })
  })

  it('believes the last word where a node is named like an action', () => {
    expect(splitWords(['on', 'off'])).toEqual({ action: 'off', words: ['on'] })
  })

  it.each([
    [[], /no action was given: status, on/],
    [['node001'], /no action was given besides "node001": status, on/],
    [['node001', 'onn'], /"onn" is not an action/],
    [['status'], /no node was named/],
    [['node001', 'status', '-g', 'compute'], /"node001" and -g exclude each other/],
    [['node[001', 'status'], /not a hostlist/],
    [['node001;reboot', 'status'], /cannot be a host's name/],
    [['-g', 'a b', 'status'], /cannot be the name of a group/],
    [['-i', '../x', 'node001', 'status'], /cannot be an interface's name/],
    [['--fanout', '0', 'node001', 'status'], /whole number from 1/],
    [['--timeout', 'soon', 'node001', 'status'], /whole number from 1/],
    [['--fast', 'node001', 'status'], /unknown option --fast.*lpower --help/],
  ])('refuses %j before it looks at the cluster', async (words, message) => {
    const context = { luna: () => expect.unreachable(), io: { print: () => expect.unreachable() } }
    await expect(runTool(lpower, words, context as unknown as Context)).rejects.toThrow(message)
  })
})

it('folds nodes of which the same is to be said', () => {
  const names = Array.from({ length: 120 }, (_, index) => `node${String(index + 1).padStart(3, '0')}`)
  const results = names.map(node => ({ node, address: undefined, state: 'on', error: undefined }))
  results[6]!.state = 'off'
  expect(summary(results)).toBe('node[001-006,008-120]: on\nnode007: off\n')
})
