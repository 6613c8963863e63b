// The classifier that is tuned, and the value in it that the new head reads.
import { readFile } from 'node:fs/promises'
import { DugaError } from '../../errors.ts'
import { readModel } from '../../onnx/model.ts'
import type { ModelProto } from '../../onnx/proto.ts'
import { featuresOf } from '../../train/transfer/head.ts'

/** @throws DugaError training.no-value where no layer of weights can be told to be the last */
export async function loadTunable(
  path: string,
): Promise<{ readonly model: ModelProto; readonly at: string }> {
  const model = readModel(await readFile(path))
  const at = featuresOf(model)
  if (at !== undefined) return { model, at }
  const found = [...new Set(model.graph!.node.map(({ opType }) => opType))].join(', ')
  throw new DugaError('training.no-value', { kind: 'last layer', name: 'Gemm or MatMul', found })
}
