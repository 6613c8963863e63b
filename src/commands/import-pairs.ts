// `key=value`, as an import is told what its files do not say: on the command line and in the fields of an upload.
import type { Json } from '../json.ts'

/** @returns null where it is no such pair */
export function splitPair(text: string): { readonly key: string; readonly value: string } | null {
  const at = text.indexOf('=')
  return at < 1 ? null : { key: text.slice(0, at), value: text.slice(at + 1) }
}

/** `0.5`, `true`, `[1,2]`, `{"mean":…}`; what is no JSON is text. */
export function toSetting(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}
