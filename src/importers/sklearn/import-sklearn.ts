// Pickles and joblib files of scikit-learn → a graph. Several files are one model: a vectoriser or scaler, what comes after
// it, and the names of its classes, in any order.
import { DugaError } from '../../errors.ts'
import { writeModel } from '../../onnx/model.ts'
import { countTerms } from '../../tensor/text/name-encoder.ts'
import { readWhole } from '../import-files.ts'
import type { Imported, SourceFile } from '../importer.ts'
import type { PickleValue } from '../pickle/machine.ts'
import { refuse } from './attributes.ts'
import { buildGraph, buildTextGraph } from './graph/build-graph.ts'
import { isPredictor } from './graph/converters.ts'
import { toNames } from './labels.ts'
import { nameClasses } from './name-classes.ts'
import { PythonObject } from './python-object.ts'
import { readEstimator } from './read-estimator.ts'
import { scalerOf } from './scaler-of.ts'
import { type Step, stepsOf } from './steps.ts'
import { readFront, type TextFront } from './text/front.ts'
import { toLinearText } from './text/linear-text.ts'
import { NAMES_AS_THEY_ARE, oldNames } from './text/name-cleaning.ts'
import { isVectorizer } from './text/vectorizer.ts'

/** @throws DugaError model.unreadable, model.unsupported-layer, file.unreadable */
export async function importSklearn(files: readonly SourceFile[]): Promise<Imported> {
  const values: PickleValue[] = []
  for (const file of files) values.push(readEstimator(await readWhole(file)))
  return convert(values)
}

/** What files hold, already read. */
export async function convert(values: readonly PickleValue[]): Promise<Imported> {
  const { objects, names } = sortOut(values)
  const steps = objects.flatMap((object) => stepsOf(object))
  if (steps.length === 0) refuse(objects[0]!, 'it has no steps')
  const front = readFront(steps)
  const built =
    front === null
      ? numbersOnly(steps)
      : await textModel(front, objects.length > 1 && isVectorizer(objects[0]))
  const version = objects[0]!.attributes.get('_sklearn_version')
  const naming = nameClasses(built.labels, names)
  return {
    ...built,
    labels: naming.labels,
    notices: [...built.notices, ...naming.notices],
    answer: {},
    origin: { tool: 'scikit-learn', ...(typeof version === 'string' ? { version } : {}) },
    layers: steps.map(({ name, object }) => ({ name, kind: object.kind })),
  }
}

type Built = Pick<Imported, 'graph' | 'labels' | 'files' | 'decode' | 'parameters' | 'notices'>

function numbersOnly(steps: readonly Step[]): Built {
  const { model, classes, parameters } = buildGraph(steps)
  const notices =
    classes === null || isPredictor(steps.at(-1)!.object.kind)
      ? []
      : ['The last step answers with features.']
  return {
    graph: writeModel(model),
    labels: classes,
    files: {},
    decode: scalerOf(steps),
    parameters,
    notices,
  }
}

/** @param apart the vectoriser came in a file of its own, as the old product service kept it */
async function textModel(front: TextFront, apart: boolean): Promise<Built> {
  const cleaning = apart ? await oldNames() : NAMES_AS_THEY_ARE
  const linear = toLinearText(front)
  const dense =
    linear === null ? buildTextGraph(front.rest, countTerms(front.vocabulary), front.scale) : null
  const vocabulary = linear?.vocabulary ?? front.vocabulary
  const bytes = new TextEncoder().encode(JSON.stringify(vocabulary))
  const notices = [...cleaning.notices]
  if ((linear ?? dense)?.calibrated === false) {
    notices.push(
      'The model has no probabilities of its own: scores are the softmax of its margins.',
    )
  }
  return {
    graph: writeModel(linear?.graph ?? dense!.model),
    labels: linear?.classes ?? dense!.classes,
    files: { vocabulary: { name: 'vocabulary.json', bytes }, ...cleaning.files },
    decode: cleaning.decode,
    parameters: linear?.parameters ?? dense!.parameters,
    notices,
  }
}

/** Objects in the order in which a row passes them; dictionaries of objects count as several files. */
function sortOut(values: readonly PickleValue[]): {
  readonly objects: readonly PythonObject[]
  readonly names: readonly string[] | null
} {
  let names: readonly string[] | null = null
  const objects: PythonObject[] = []
  for (const value of values.flatMap(unpack)) {
    const found = toNames(value)
    if (found !== null) names = found
    else if (value instanceof PythonObject) objects.push(value)
    else throw unreadable('it holds neither a model nor the names of classes')
  }
  const last = objects.filter((object) => isModel(object))
  if (objects.length === 0) throw unreadable('the files hold names of classes, and no model')
  if (last.length > 1) {
    throw unreadable(
      `the files hold ${last.length} models: ${last.map(({ kind }) => kind).join(', ')}`,
    )
  }
  return { objects: [...objects.filter((object) => !last.includes(object)), ...last], names }
}

/** A dictionary or list that holds objects, as `{"vectorizer": …, "model": …}` or `(vectorizer, model)`. */
function unpack(value: PickleValue): readonly PickleValue[] {
  const held = value instanceof Map ? [...value.values()] : Array.isArray(value) ? value : []
  if (!held.some((one) => one instanceof PythonObject)) return [value]
  return held.filter((one) => one instanceof PythonObject || toNames(one) !== null)
}

/** Whether an object ends a model: it predicts, or its last step does. */
function isModel(object: PythonObject): boolean {
  const last = stepsOf(object).at(-1)?.object
  return last !== undefined && isPredictor(last.kind)
}

const unreadable = (reason: string): DugaError => new DugaError('model.unreadable', { reason })
