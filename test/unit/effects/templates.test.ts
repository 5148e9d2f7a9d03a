import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createTemplates, quoteForShell, type Templates } from '../../../src/effects/templates.ts'
import { LunaError } from '../../../src/errors.ts'

let base: string
let templates: Templates

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'luna-templates-'))
  templates = createTemplates({ directories: [join(base, 'site'), join(base, 'shipped')] })
})
afterEach(() => rmSync(base, { recursive: true }))

function write(path: string, text: string): void {
  mkdirSync(dirname(join(base, path)), { recursive: true })
  writeFileSync(join(base, path), text)
}

function errorOf(action: () => unknown): LunaError {
  try {
    action()
  } catch (error) {
    if (error instanceof LunaError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('where a template is found', () => {
  test('a site copy shadows the shipped one, and counts as soon as it is written', () => {
    write('shipped/network/a.liquid', 'shipped {{ x }}')
    expect(templates.render('network/a.liquid', { x: 1 })).toBe('shipped 1')
    write('site/network/a.liquid', 'site {{ x }}')
    expect(templates.render('network/a.liquid', { x: 2 })).toBe('site 2')
    expect(templates.source('network/a.liquid')).toBe('site {{ x }}')
  })

  test('partials and verbatim files are shadowed as well', () => {
    write('shipped/a.liquid', "{% render 'b.liquid', x: x %}{% verbatim 'c.sh' %}")
    write('shipped/b.liquid', 'shipped')
    write('shipped/c.sh', 'shipped')
    write('site/b.liquid', 'b {{ x }} ')
    write('site/c.sh', `\${#arr} {{ not liquid }} {% nor this`)
    expect(templates.render('a.liquid', { x: 1 })).toBe(`b 1 \${#arr} {{ not liquid }} {% nor this`)
  })

  test('a missing template says where it was looked for', () => {
    expect(errorOf(() => templates.source('none')).message).toBe(
      `template none is missing from ${base}/site and ${base}/shipped`,
    )
    write('shipped/a', "{% verbatim 'none' %}")
    expect(errorOf(() => templates.render('a', {})).message).toMatch(/^template none is missing/)
  })

  test.each(['/etc/passwd', '../a', 'a/../../b', '', '.hidden', 'a//b', 'a/'])('refuses the name %j', name => {
    write('shipped/a', '')
    expect(errorOf(() => templates.source(name)).kind).toBe('invalid')
  })

  test('an unreadable template is an error, not a reason to take the next one', () => {
    mkdirSync(join(base, 'site/a'), { recursive: true })
    write('shipped/a', '')
    expect(errorOf(() => templates.source('a')).message).toContain(`cannot read template ${base}/site/a`)
  })
})

describe('mistakes in a template name file and line', () => {
  test.each([
    ['unknown variable', 'one\n{{ nodename }}\n', 2, 'undefined variable: nodename'],
    ['unknown variable in a condition', '{% if nodename %}{% endif %}', 1, 'undefined variable: nodename'],
    ['unknown property', '\n\n{{ x.y }}', 3, 'undefined variable: x.y'],
    ['unknown filter', '\n{{ x | quote }}', 2, 'undefined filter: quote'],
    ['unknown tag', '\n{% exec x %}', 2, 'tag "exec" not found'],
    ['unclosed tag', 'one\n{% if x %}\n', 2, 'tag {% if x %} not closed'],
    ['verbatim without quotes', '{% verbatim x %}', 1, "verbatim takes a file name in quotes: {% verbatim 'file' %}"],
    ['quoting what is not text', '\n{{ x | sh }}', 2, 'sh cannot quote a object'],
  ])('%s', (_case, text, line, message) => {
    write('shipped/a.liquid', text)
    const error = errorOf(() => templates.render('a.liquid', { x: {} }))
    expect(error.message).toBe(`template ${base}/shipped/a.liquid, line ${line}: ${message}`)
    expect(error.message).not.toContain('\n')
    expect(error.kind).toBe('failed')
  })

  test('in a partial, the partial', () => {
    write('shipped/a.liquid', "{% render 'b.liquid' %}")
    write('site/b.liquid', '\n{{ x }}')
    expect(errorOf(() => templates.render('a.liquid', { x: 1 })).message).toBe(
      `template ${base}/site/b.liquid, line 2: undefined variable: x`,
    )
  })
})

describe('text', () => {
  test('is not escaped, and bash arrays survive', () => {
    write('shipped/a', `{{ x }} \${#arr} {# }`)
    expect(templates.render('a', { x: `<&"'>` })).toBe(`<&"'> \${#arr} {# }`)
  })

  test('an empty value prints nothing, null included', () => {
    write('shipped/a', '[{{ x }}{{ y }}]')
    expect(templates.render('a', { x: '', y: null })).toBe('[]')
  })
})

describe('the sh filter', () => {
  test.each(['', 'plain', "it's", `$(id) \`id\` "x" \\ ! * ~ #`, 'two\nlines\n', "'", "''", '-n', 'é'])(
    'a shell reads back %j',
    value => {
      write('shipped/a', 'x={{ x | sh }}; printf %s "$x"')
      const script = templates.render('a', { x: value })
      expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' })).toBe(value)
    },
  )

  test('numbers, booleans, nothing and lists', () => {
    expect(quoteForShell(7)).toBe("'7'")
    expect(quoteForShell(true)).toBe("'true'")
    expect(quoteForShell(null)).toBe("''")
    expect(quoteForShell(['a b', 'c'])).toBe("'a b' 'c'")
    expect(() => quoteForShell('a\0b')).toThrow('NUL')
  })
})
