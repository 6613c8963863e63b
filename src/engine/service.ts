// What a service is: how an input becomes rows of tensors, and how rows of outputs become an answer. No HTTP here.
import type { Clock } from '../clock.ts'
import type { Json } from '../json.ts'
import type { Manifest } from '../manifest.ts'
import type { Tensors } from '../tensor/tensor.ts'

/** What decode gets besides the input. Lives in the thread that runs it. */
export interface DecodeContext {
  readonly manifest: Manifest
  /** Runs another ONNX role of the same version (a detector, say), in this thread. */
  run(role: string, feeds: Tensors): Promise<Tensors>
  /** The bytes of a data file of the version, read once a thread and version. */
  file(role: string): Promise<Uint8Array>
}

/**
 * What a `file` service is asked with: bytes, or a path that only the lane reads, so that the HTTP thread never holds
 * the file. Decode gets bytes either way; `answer` gets what was passed in.
 */
export type FileInput = Uint8Array | { readonly path: string }

/**
 * One decoded input: one or more rows of the model's inputs, each tensor with the rows as its first dimension.
 * The tensors are handed over: decode must not keep or share their buffers.
 */
export interface Decoded {
  readonly rows: number
  readonly feeds: Tensors
  /** Passed on to `answer` unchanged. */
  readonly extra?: Json
}

/**
 * Turns one input into rows. Pure but for the context; the same function at training and at serving.
 * File services get the file's bytes, JSON services the validated body. Throws a DugaError for a bad input.
 */
export type Decode<Input> = (input: Input, context: DecodeContext) => Promise<Decoded> | Decoded

export interface AnswerContext<Input> {
  readonly input: Input
  readonly manifest: Manifest
  readonly extra: Json | undefined
  readonly clock: Clock
}

export interface ServiceDefinition<Input, Answer> {
  /** Lower-case; also the URL prefix and the model's name in the Open Inference Protocol. */
  readonly name: string
  readonly title: string
  /** The port of the back end that this service replaces. */
  readonly port: number
  /** `file`: decode gets bytes, and runs in a lane. `json`: decode gets the validated body. */
  readonly input: 'file' | 'json'
  /** `inline`: decode and graph take some 50 µs and run on the HTTP thread; `lane`: in worker threads. */
  readonly execution: 'lane' | 'inline'
  /** URL of the module that exports `decode: Decode<Input>`; see `moduleUrl`. */
  readonly decoder: URL
  /** Outputs of this input's rows → the answer as it stands in the history. Synchronous and quick. */
  readonly answer: (outputs: Tensors, context: AnswerContext<Input>) => Answer
  /** The label of an answer, by which the history is filtered; null where there is none. */
  readonly label: (answer: Answer) => string | null
  /** Confidence 0..1 of an answer, by which the history is filtered; null where there is none. */
  readonly confidence: (answer: Answer) => number | null
  /** How `npx duga predict` and the history turn a file name or an argument into an input. */
  readonly fromArgument: (argument: string) => Promise<Input> | Input
}

/** Checks a definition and gives it its types. */
export function defineService<Input, Answer>(
  definition: ServiceDefinition<Input, Answer>,
): ServiceDefinition<Input, Answer> {
  if (!/^[a-z][a-z0-9-]*$/.test(definition.name)) {
    throw new TypeError(`Service name "${definition.name}" must be lower-case letters and digits.`)
  }
  return definition
}

/** The URL of a sibling module, with the extension that the calling module has (.ts in a checkout, .js when published). */
export function moduleUrl(importMetaUrl: string, name: string): URL {
  const extension = importMetaUrl.endsWith('.ts') ? '.ts' : '.js'
  return new URL(`${name}${extension}`, importMetaUrl)
}
