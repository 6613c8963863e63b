// Decision trees as the operator TreeEnsemble of ai.onnx.ml 5, with thresholds and leaves in float64 as scikit-learn has them.
import type { Tensor } from '../../../tensor/tensor.ts'
import { refuse } from '../attributes.ts'
import type { PythonObject } from '../python-object.ts'
import type { Block, Flow } from './flow.ts'

/** Of each node: children, or -1 in both for a leaf. */
export interface Tree {
  readonly left: ArrayLike<number>
  readonly right: ArrayLike<number>
  readonly feature: ArrayLike<number>
  readonly threshold: ArrayLike<number>
  /** Where a missing value goes left; null: nowhere is one expected. */
  readonly missingLeft: ArrayLike<number> | null
  /** Of a node that asks for a set: the categories that go left; null everywhere else. */
  readonly members?: (node: number) => readonly number[] | null
}

export interface Leaf {
  readonly target: number
  readonly weight: number
}

const MOST_NODES = 20_000_000
const LESS_OR_EQUAL = 0
const MEMBER = 6

/**
 * Sums of the leaves that a row falls into, by target.
 *
 * @param leaf of tree and node
 * @throws DugaError where a tree is no tree
 */
export function treeEnsemble(
  flow: Flow,
  input: Block,
  trees: readonly Tree[],
  options: {
    readonly targets: number
    readonly leaf: (tree: number, node: number) => Leaf
    readonly object: PythonObject
  },
): Block {
  const { targets, leaf, object } = options
  const made = createLists()
  const roots = trees.map((tree, at) => {
    checkTree(tree, input.width, object)
    const total = made.featureids.length + tree.left.length
    if (total > MOST_NODES) refuse(object, `it has more than ${MOST_NODES} nodes`)
    return addTree(made, tree, (node) => leaf(at, node))
  })
  const value = flow.graph.node('TreeEnsemble', [input.value], toAttributes(made, roots, targets), {
    domain: 'ai.onnx.ml',
  })
  return { value, width: targets }
}

interface Lists {
  readonly featureids: number[]
  readonly modes: number[]
  readonly splits: number[]
  readonly missing: number[]
  readonly whenTrue: number[]
  readonly trueLeafs: number[]
  readonly whenFalse: number[]
  readonly falseLeafs: number[]
  readonly membership: number[]
  readonly leafTargets: number[]
  readonly leafWeights: number[]
}

const createLists = (): Lists => ({
  ...{ featureids: [], modes: [], splits: [], missing: [], whenTrue: [], trueLeafs: [] },
  ...{ whenFalse: [], falseLeafs: [], membership: [], leafTargets: [], leafWeights: [] },
})

/** Returns the place of its root. Inner nodes first get their places, in the order of the file. */
function addTree(lists: Lists, tree: Tree, leaf: (node: number) => Leaf): number {
  const places = new Int32Array(tree.left.length)
  let next = lists.featureids.length
  for (let node = 0; node < places.length; node += 1) {
    if (tree.left[node]! >= 0) {
      places[node] = next
      next += 1
    } else {
      places[node] = lists.leafTargets.length
      const { target, weight } = leaf(node)
      lists.leafTargets.push(target)
      lists.leafWeights.push(weight)
    }
  }
  const root = lists.featureids.length
  if (tree.left[0]! < 0) {
    // A tree of one leaf: a question whose two answers are the same.
    addNode(lists, { feature: 0, threshold: 0, missing: 0, members: null })
    addBranches(lists, [places[0]!, 1], [places[0]!, 1])
    return root
  }
  for (let node = 0; node < places.length; node += 1) {
    if (tree.left[node]! < 0) continue
    const branch = (child: number): [number, number] => [
      places[child]!,
      tree.left[child]! < 0 ? 1 : 0,
    ]
    addNode(lists, {
      feature: tree.feature[node]!,
      threshold: tree.threshold[node]!,
      missing: tree.missingLeft?.[node] ?? 0,
      members: tree.members?.(node) ?? null,
    })
    addBranches(lists, branch(tree.left[node]!), branch(tree.right[node]!))
  }
  return root
}

interface Question {
  readonly feature: number
  readonly threshold: number
  readonly missing: number
  readonly members: readonly number[] | null
}

function addNode(lists: Lists, { feature, threshold, missing, members }: Question): void {
  lists.featureids.push(feature)
  lists.missing.push(missing)
  lists.modes.push(members === null ? LESS_OR_EQUAL : MEMBER)
  lists.splits.push(members === null ? threshold : 0)
  // Sets stand one after the other, each ended by a NaN.
  if (members !== null) lists.membership.push(...members, Number.NaN)
}

function addBranches(lists: Lists, yes: [number, number], no: [number, number]): void {
  lists.whenTrue.push(yes[0])
  lists.trueLeafs.push(yes[1])
  lists.whenFalse.push(no[0])
  lists.falseLeafs.push(no[1])
}

function toAttributes(lists: Lists, roots: readonly number[], targets: number) {
  const membership =
    lists.membership.length === 0 ? {} : { membership_values: doubles(lists.membership) }
  const modes: Tensor = {
    type: 'uint8',
    dims: [lists.modes.length],
    data: Uint8Array.from(lists.modes),
  }
  return {
    aggregate_function: 1,
    post_transform: 0,
    n_targets: targets,
    tree_roots: roots,
    nodes_featureids: lists.featureids,
    nodes_modes: { tensor: modes },
    nodes_splits: doubles(lists.splits),
    nodes_truenodeids: lists.whenTrue,
    nodes_trueleafs: lists.trueLeafs,
    nodes_falsenodeids: lists.whenFalse,
    nodes_falseleafs: lists.falseLeafs,
    nodes_missing_value_tracks_true: lists.missing,
    leaf_targetids: lists.leafTargets,
    leaf_weights: doubles(lists.leafWeights),
    ...membership,
  }
}

const doubles = (values: readonly number[]): { readonly tensor: Tensor } => ({
  tensor: { type: 'float64', dims: [values.length], data: Float64Array.from(values) },
})

/** Children come after their parents and have one each, so that every walk ends. */
function checkTree(tree: Tree, features: number, object: PythonObject): void {
  const { left, right, feature, threshold } = tree
  const count = left.length
  const fits = [right, feature, threshold].every((values) => values.length === count)
  if (count === 0 || !fits) refuse(object, 'one of its trees is damaged')
  const seen = new Uint8Array(count)
  for (let node = 0; node < count; node += 1) {
    if (left[node]! < 0) continue
    for (const child of [left[node]!, right[node]!]) {
      if (!(child > node && child < count) || seen[child] === 1) {
        refuse(object, 'one of its trees is damaged')
      }
      seen[child] = 1
    }
    if (!(feature[node]! >= 0 && feature[node]! < features)) {
      refuse(object, `one of its trees asks for feature ${feature[node]} of ${features}`)
    }
  }
}
