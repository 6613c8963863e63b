// `duga client add | list | deactivate | rotate`: programs that may ask for tokens.
import { Command } from 'commander'
import type { ClientInfo, ClientWithSecret } from '../auth/clients.ts'
import type { CliContext, CommonOptions } from './context.ts'
import { withCore } from './core.ts'
import { createOutput, type Output, UsageError } from './output.ts'

interface AddOptions extends CommonOptions {
  readonly name?: string
  readonly id?: string
  readonly secret?: string
  readonly scope?: string
}

export function clientCommand(context: CliContext): Command {
  const command = new Command('client').description('programs that may ask for tokens')
  command
    .command('add')
    .argument('[name]')
    .argument('[client_id]')
    .argument('[client_secret]')
    .option('--name <name>', 'what it is called')
    .option('--id <id>', 'client_id; made when left out')
    .option('--secret <secret>', 'client_secret; made when left out')
    .option('--scope <scopes>', 'separated by blanks: predict, train, manage', 'predict train')
    .description('adds a client and shows its secret, this once')
    .addHelpText(
      'after',
      `
Examples:
  npx duga client add "Toko Contoh" toko-contoh rahasia-yang-panjang
  npx duga client add --name "Night job" --scope "predict manage" --json`,
    )
    .action((name, id, secret, options) => add(context, name, id, secret, options))
  command
    .command('list')
    .description('lists all clients')
    .addHelpText('after', '\nExample:\n  npx duga client list --json')
    .action((options) => list(context, options))
  command
    .command('deactivate')
    .argument('<client_id>')
    .description('ends a client and all its tokens at once')
    .addHelpText('after', '\nExample:\n  npx duga client deactivate toko-contoh')
    .action((id, options) => deactivate(context, id, options))
  command
    .command('rotate')
    .argument('<client_id>')
    .option('--secret <secret>', 'the new secret; made when left out')
    .description('gives a client a new secret; its tokens end at once')
    .addHelpText('after', '\nExample:\n  npx duga client rotate toko-contoh')
    .action((id, options) => rotate(context, id, options))
  return command
}

async function add(
  context: CliContext,
  name: string | undefined,
  id: string | undefined,
  secret: string | undefined,
  options: AddOptions,
): Promise<void> {
  const output = createOutput(options.json === true)
  const called = options.name ?? name
  if (called === undefined) throw new UsageError('A client needs a name: client add <name>.')
  const givenId = options.id ?? id
  const givenSecret = options.secret ?? secret
  await withCore(context, options, async ({ clients }) => {
    const made = await clients.add({
      name: called,
      scopes: (options.scope ?? '').split(' ').filter((scope) => scope !== ''),
      ...(givenId !== undefined && { id: givenId }),
      ...(givenSecret !== undefined && { secret: givenSecret }),
    })
    showSecret(output, made)
  })
}

async function list(context: CliContext, options: CommonOptions): Promise<void> {
  const output = createOutput(options.json === true)
  await withCore(context, options, async ({ clients }) => {
    const found: ClientInfo[] = []
    for (;;) {
      const last = found.at(-1)
      const page = await clients.list({ limit: 500, ...(last && { after: last.id }) })
      found.push(...page)
      if (page.length < 500) break
    }
    output.list(found.map(present), ['client_id', 'name', 'scope', 'active', 'created'])
  })
}

async function deactivate(context: CliContext, id: string, options: CommonOptions): Promise<void> {
  const output = createOutput(options.json === true)
  await withCore(context, options, async ({ clients }) => {
    const client = await clients.deactivate(id)
    output.result(present(client), `Client ${id} is deactivated; its tokens no longer work.`)
  })
}

async function rotate(context: CliContext, id: string, options: AddOptions): Promise<void> {
  const output = createOutput(options.json === true)
  await withCore(context, options, async ({ clients }) => {
    showSecret(output, await clients.rotate(id, options.secret))
  })
}

function showSecret(output: Output, client: ClientWithSecret): void {
  output.result(
    { ...present(client), client_secret: client.secret },
    `client_id:     ${client.id}\nclient_secret: ${client.secret}\nThe secret is not shown again.`,
  )
}

function present({ id, name, scopes, active, created }: ClientInfo): Record<string, unknown> {
  return {
    client_id: id,
    name,
    scope: scopes.join(' '),
    active,
    created: new Date(created).toISOString(),
  }
}
