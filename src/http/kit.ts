// What a service's contract (the routes of the back end it replaces) is given by the HTTP layer.
// A contract only translates: request → input → kit.predict → the old API's body. It holds no state of its own
// beyond what its factory makes.
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clients } from '../auth/clients.ts'
import type { Scope } from '../auth/principal.ts'
import type { Users } from '../auth/users.ts'
import type { Clock } from '../clock.ts'
import type { Config } from '../config.ts'
import type { FileInput, ServiceDefinition } from '../engine/service.ts'
import type { ErrorCode } from '../errors.ts'
import type { JobQueue } from '../jobs/queue.ts'
import type { Manifest } from '../manifest.ts'
import type { Outboxes } from '../store/outbox/outboxes.ts'
import type { SideRow, Stores } from '../store/stores.ts'

/** A file that came with a request; it is deleted when the request ends, unless it was moved away. */
export interface ReceivedFile {
  /** Path of the temporary file. */
  readonly path: string
  /** As the client named it; never a path of ours. */
  readonly filename: string
  /** Declared content type, lower-case, without parameters. */
  readonly mimetype: string
  readonly bytes: number
  /** The other, plain fields of the form; the first of each name. */
  readonly fields: Readonly<Record<string, string>>
}

/** A file for the engine, in memory where it is small. */
export interface ReceivedInput extends Omit<ReceivedFile, 'path'> {
  readonly input: FileInput
}

export interface ReceiveOptions {
  readonly field: string
  readonly maxBytes: number
  /** Called with the first (at most 4,100) bytes, before the rest is stored; throws to refuse the file. */
  readonly check?: (head: Uint8Array, file: { mimetype: string; filename: string }) => void
}

export interface Prediction<Answer> {
  readonly id: string
  readonly version: string
  readonly answer: Answer
  readonly manifest: Manifest
  /** Milliseconds since the Unix epoch, as in the history. */
  readonly timestamp: number
  /** Whole time of the prediction in seconds, as in the history. */
  readonly seconds: number
}

export interface PredictOptions<Answer> {
  /** What the history calls the input: a file name or the text itself. */
  readonly reference: string
  /** The authenticated client, if any. */
  readonly client?: string | null
  readonly userId?: number | null
  /**
   * Runs after the answer and before it is recorded; may move files. Its rows are written in the same
   * transaction as the history. If it throws, nothing is recorded and the request fails.
   */
  readonly finish?: (
    answer: Answer,
    prediction: { readonly id: string; readonly timestamp: number },
  ) => Promise<readonly SideRow[]> | readonly SideRow[]
}

/** `taken`: recorded now; `duplicate`: it was already; `malformed`: it never will be; `failed`: tried again. */
export type MessageOutcome = 'taken' | 'duplicate' | 'malformed' | 'failed'

/** An error as a contract's error body sees it. */
export interface PresentedError {
  readonly status: number
  /** Code in the error table; null where it came from HTTP itself (a bad JSON body, say). */
  readonly code: ErrorCode | null
  readonly message: string
  readonly indonesian: string
  readonly help: string
  /** Ajv's findings where the body did not match its schema. */
  readonly validation: readonly {
    readonly instancePath: string
    readonly keyword: string
    readonly message?: string
    readonly params: Readonly<Record<string, unknown>>
  }[]
}

export interface ServiceKit<Input, Answer> {
  readonly definition: ServiceDefinition<Input, Answer>
  readonly config: Config
  readonly clock: Clock
  readonly log: FastifyBaseLogger
  /** `''` at the root, else `/cough`, …; links in answers of old APIs do not carry it. */
  readonly mount: string
  readonly stores: Stores
  readonly clients: Clients
  readonly users: Users
  readonly jobs: JobQueue
  /** Null where the settings name nothing to write to besides the database. */
  readonly outboxes: Outboxes | null
  /** Folders of the home that are there and private. */
  readonly folders: { readonly home: string; readonly temporary: string; readonly data: string }

  /** Whether a version is active (else predictions end in `model.missing`). */
  hasModel(): boolean
  /** The manifest of the active version, or null. */
  activeManifest(): Manifest | null
  /**
   * decode → batch → answer → history, then sets `x-duga-prediction` and `x-duga-version` on the reply.
   * File services pass the received file's path. A client that goes away cancels it.
   * @throws DugaError model.missing, overloaded, deadline.exceeded, lane.lost or decode's own
   */
  predict(
    request: FastifyRequest,
    reply: FastifyReply,
    input: Input | { readonly path: string },
    options: PredictOptions<Answer>,
  ): Promise<Prediction<Answer>>
  /** As `predict`, for an input that came in a stream rather than a request. */
  answer(input: Input, options: PredictOptions<Answer>): Promise<Prediction<Answer>>
  /** Counts a message of a stream. */
  countMessage(outcome: MessageOutcome): void
  /**
   * Streams the named file of a multipart body to disk.
   * @returns null where the body is not multipart or has no such file field
   * @throws DugaError upload.malformed (400), input.too-large (413), or what `check` throws
   */
  receiveFile(request: FastifyRequest, options: ReceiveOptions): Promise<ReceivedFile | null>
  /** The same for a file that is only asked about. */
  receiveInput(request: FastifyRequest, options: ReceiveOptions): Promise<ReceivedInput | null>
  /** The client of the Bearer token. @throws DugaError token.* (401), scope.missing (403) */
  requireClient(request: FastifyRequest, scope: Scope): Promise<{ readonly clientId: string }>
  /** Registers an error body for every route of this contract, its 404 included. */
  presentErrors(
    app: FastifyInstance,
    present: (error: PresentedError, request: FastifyRequest) => { status: number; body: unknown },
  ): void
  /** CORS for this contract: these origins unless CORS_ORIGINS replaces them. */
  allowOrigins(
    app: FastifyInstance,
    origins: readonly string[],
    options?: { readonly credentials?: boolean; readonly headers?: readonly string[] },
  ): Promise<void>
  /** Sends a live event to those who watch `/manage/services/{service}/events`. */
  publish(event: string, data: unknown): void
}

/** Registers the routes of an old API on an encapsulated app; paths are relative to the mount. */
export type Contract<Input, Answer> = (
  app: FastifyInstance,
  kit: ServiceKit<Input, Answer>,
) => Promise<void>
