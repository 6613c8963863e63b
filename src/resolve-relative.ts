// Once imported, relative imports between modules are resolved in this thread as what they are: one address beside another.
// Node would ask the file system about each and look for its package: 0.4 ms a module, a fifth of the server's start.
import { registerHooks } from 'node:module'

const FORMATS: ReadonlyMap<string, string> = new Map([
  ['.ts', 'module-typescript'],
  ['.js', 'module'],
])

registerHooks({
  resolve: (specifier, context, next) => {
    const { parentURL, conditions } = context
    const ending = specifier.slice(-3)
    const format = FORMATS.get(ending)
    // What an ECMAScript module with the same ending imports is one too: both lie in one package.
    const isPlain =
      specifier.startsWith('.') &&
      format !== undefined &&
      parentURL?.endsWith(ending) === true &&
      conditions.includes('import')
    if (!isPlain) return next(specifier, context)
    return { url: new URL(specifier, parentURL).href, format, shortCircuit: true }
  },
})
