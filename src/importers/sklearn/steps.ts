// The steps of a model in order: pipelines within pipelines laid flat, searches replaced by the best they found.
import { GlobalReference } from '../pickle/machine.ts'
import { attribute, listOf, objectOf, refuse } from './attributes.ts'
import { PythonObject } from './python-object.ts'

export interface Step {
  /** As the pipeline calls it; the class where it is alone. */
  readonly name: string
  readonly object: PythonObject
}

/** What a hostile file may ask for by naming one object many times. */
const MOST_STEPS = 1000

/** @throws DugaError model.unsupported-layer */
export function stepsOf(object: PythonObject): readonly Step[] {
  const steps: Step[] = []
  const waiting: { readonly step: Step; readonly depth: number }[] = [
    { step: { name: object.kind, object }, depth: 0 },
  ]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { step, depth } = next
    if (steps.length + waiting.length > MOST_STEPS || depth > 20) {
      refuse(object, 'it has more steps than anyone would write')
    }
    const inner = innerSteps(step)
    if (inner === null) steps.push(step)
    else waiting.push(...inner.reverse().map((one) => ({ step: one, depth: depth + 1 })))
  }
  return steps
}

function innerSteps({ name, object }: Step): Step[] | null {
  if (object.kind === 'GridSearchCV' || object.kind === 'RandomizedSearchCV') {
    return [{ name, object: objectOf(object, 'best_estimator_') }]
  }
  if (object.kind !== 'Pipeline') return null
  return namedSteps(object, 'steps')
}

/** Of `steps` and `transformer_list`: pairs of name and object; those that pass everything on are left out. */
export function namedSteps(object: PythonObject, list: string): Step[] {
  const steps: Step[] = []
  for (const pair of listOf(object, list)) {
    const [name, step] = Array.isArray(pair) ? pair : []
    if (isPassthrough(step)) continue
    if (typeof name !== 'string' || !(step instanceof PythonObject)) {
      return refuse(object, `its "${list}" are no pairs of name and step`)
    }
    steps.push({ name, object: step })
  }
  return steps
}

/** 'passthrough', None, and a FunctionTransformer without a function. */
export function isPassthrough(step: unknown): boolean {
  if (step === 'passthrough' || step === null) return true
  if (!(step instanceof PythonObject) || step.kind !== 'FunctionTransformer') return false
  const code = attribute(step, 'func')
  if (code !== null && !isCheck(code)) refuse(step, 'its function is code of its own')
  return true
}

/** HistGradientBoosting passes columns through scikit-learn's own check of arrays. */
function isCheck(code: unknown): boolean {
  const [called] = code instanceof PythonObject && code.kind === 'partial' ? code.args : []
  return called instanceof GlobalReference && called.name === 'sklearn.utils.validation check_array'
}
