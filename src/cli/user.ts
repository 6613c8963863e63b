// `duga user add | list | deactivate`: people who log in to the dog service.
import { Command } from 'commander'
import type { UserInfo } from '../auth/users.ts'
import { DugaError } from '../errors.ts'
import type { CliContext, CommonOptions } from './context.ts'
import { withCore } from './core.ts'
import { createOutput, UsageError } from './output.ts'

export function userCommand(context: CliContext): Command {
  const command = new Command('user').description('people who log in')
  command
    .command('add')
    .argument('<username>')
    .option('--password <password>', 'read from standard input when left out')
    .description('adds a user')
    .addHelpText(
      'after',
      '\nExamples:\n  npx duga user add sari --password "kata sandi panjang"\n  npx duga user add sari < password.txt',
    )
    .action((username, options) => add(context, username, options))
  command
    .command('list')
    .description('lists all users')
    .addHelpText('after', '\nExample:\n  npx duga user list')
    .action((options) => list(context, options))
  command
    .command('deactivate')
    .argument('<username>')
    .description('ends a user and all tokens at once')
    .addHelpText('after', '\nExample:\n  npx duga user deactivate sari')
    .action((username, options) => deactivate(context, username, options))
  return command
}

async function add(
  context: CliContext,
  username: string,
  options: CommonOptions & { readonly password?: string },
): Promise<void> {
  const output = createOutput(options.json === true)
  const password = options.password ?? (await readPassword())
  await withCore(context, options, async ({ users }) => {
    const user = await users.register(username, password)
    output.result(present(user), `User ${user.username} is added.`)
  })
}

async function list(context: CliContext, options: CommonOptions): Promise<void> {
  const output = createOutput(options.json === true)
  await withCore(context, options, async ({ stores }) => {
    const found: UserInfo[] = []
    for (;;) {
      const last = found.at(-1)
      const page = await stores.users.list({ limit: 500, ...(last && { after: last.id }) })
      found.push(...page)
      if (page.length < 500) break
    }
    output.list(found.map(present), ['id', 'username', 'active', 'created'])
  })
}

async function deactivate(
  context: CliContext,
  username: string,
  options: CommonOptions,
): Promise<void> {
  const output = createOutput(options.json === true)
  await withCore(context, options, async ({ users, stores }) => {
    const found = await stores.users.find(username)
    if (!found) throw new DugaError('user.unknown', { user: username })
    const user = await users.deactivate(found.id)
    output.result(present(user), `User ${username} is deactivated; the tokens no longer work.`)
  })
}

async function readPassword(): Promise<string> {
  if (process.stdin.isTTY) throw new UsageError('Give --password, or pipe it in.')
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '')
}

function present({ id, username, active, created }: UserInfo): Record<string, unknown> {
  return { id, username, active, created: new Date(created).toISOString() }
}
