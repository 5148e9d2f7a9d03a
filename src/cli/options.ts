import { type Action, dryRunOption, mayChange, type Option } from './command.ts'

const nameOption: Option = { flags: '-n, --name', value: 'NAME', help: 'the name, instead of the first word' }

/** All that an action takes, with what it need not declare itself. */
export const optionsOf = (action: Action): readonly Option[] => [
  ...(action.subject ? [{ ...nameOption, value: action.subject }] : []),
  ...(action.options ?? []),
  ...(mayChange(action) ? [{ ...dryRunOption, flags: action.dryRunFlags ?? dryRunOption.flags }] : []),
]
