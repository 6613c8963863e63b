// The trees of scikit-learn's forests: `tree_` with its nodes and, for each node, what it answers.

import { NumpyArray } from '../../numpy/array.ts'
import { arrayOf, objectOf, recordsOf, refuse, toFloats } from '../attributes.ts'
import type { PythonObject } from '../python-object.ts'
import type { Block, Flow } from './flow.ts'
import { type Tree, treeEnsemble } from './tree-ensemble.ts'

export interface FittedTree extends Tree {
  /** Numbers a node. */
  readonly width: number
  /** [nodes, width] */
  readonly values: Float64Array
  readonly samples: ArrayLike<number>
  readonly impurity: ArrayLike<number>
  /** Of the samples, a node. */
  readonly weight: ArrayLike<number>
}

/** @param columns features that the tree was given, of the input's; null: all */
export function treeOf(object: PythonObject, columns: readonly number[] | null = null): FittedTree {
  const tree = objectOf(object, 'tree_')
  const nodes = recordsOf(tree, 'nodes')
  const column = (name: string) => {
    const found = nodes.get(name)
    return found === undefined ? refuse(object, `its nodes have no ${name}`) : toFloats(wrap(found))
  }
  const values = arrayOf(tree, 'values')
  const [count, outputs, classes] = values.shape
  const left = column('left_child')
  if (count !== left.length || outputs === undefined || classes === undefined) {
    return refuse(object, 'one of its trees is damaged')
  }
  const feature = column('feature')
  return {
    left,
    right: column('right_child'),
    feature: columns === null ? feature : feature.map((at) => columns[at] ?? at),
    threshold: column('threshold'),
    missingLeft: nodes.has('missing_go_to_left') ? column('missing_go_to_left') : null,
    width: outputs * classes,
    values: toFloats(values),
    samples: column('n_node_samples'),
    impurity: column('impurity'),
    weight: column('weighted_n_node_samples'),
  }
}

function wrap(values: NumpyArray['values']): NumpyArray {
  const array = new NumpyArray()
  array.values = values
  return array
}

/** Trees are asked in float32, as scikit-learn does, whatever the input. */
export function asAsked(flow: Flow, input: Block): Block {
  return { ...input, value: flow.cast(flow.cast(input.value, 'float32'), 'float64') }
}

/**
 * The mean over trees of the rows that `row` makes of the leaves.
 *
 * A leaf holds one number in TreeEnsemble; where an answer has several, trees give the leaf's row in a table instead.
 */
export function meanOfLeaves(
  flow: Flow,
  input: Block,
  trees: readonly FittedTree[],
  options: {
    readonly width: number
    readonly row: (tree: FittedTree, node: number) => ArrayLike<number>
    readonly object: PythonObject
  },
): Block {
  const { width, row, object } = options
  const asked = asAsked(flow, input)
  if (width === 1) {
    const leaf = (tree: number, node: number) => ({
      target: 0,
      weight: row(trees[tree]!, node)[0]!,
    })
    const sums = treeEnsemble(flow, asked, trees, { targets: 1, leaf, object })
    const mean = flow.op('Div', [sums.value, flow.scalar(trees.length)])
    return { value: mean, width: 1 }
  }
  const table: number[] = []
  const leaf = (tree: number, node: number) => {
    const values = row(trees[tree]!, node)
    for (let at = 0; at < width; at += 1) table.push(values[at]!)
    return { target: tree, weight: table.length / width - 1 }
  }
  const places = treeEnsemble(flow, asked, trees, { targets: trees.length, leaf, object })
  const rows = flow.constant(table, [table.length / width, width])
  const found = flow.op('Gather', [rows, flow.cast(places.value, 'int64')], { axis: 0 })
  return { value: flow.op('ReduceMean', [found], { axes: [1], keepdims: 0 }), width }
}
