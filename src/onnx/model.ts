// ONNX files: bytes ↔ ModelProto, and what a reader asks of a model first. Tensors inside are not
// decoded here.
import { DugaError } from '../errors.ts'
import type { AttributeProto, GraphProto, ModelProto, TensorProto } from './proto.ts'
import { modelSchema } from './schema.ts'
import { decodeMessage, encodeMessage } from './wire.ts'

/**
 * Reads an ONNX file. Fields of newer format versions are kept and written back by {@link
 * writeModel}.
 *
 * @throws DugaError `model.unreadable` for anything that is no ONNX model, and for tensors kept in
 * other files.
 */
export function readModel(bytes: Uint8Array): ModelProto {
  const model = decode(bytes)
  if (model.graph === undefined || model.opsetImport.length === 0) {
    throw new DugaError('model.unreadable', { reason: 'it holds no ONNX graph' })
  }
  for (const tensor of graphTensors(model.graph)) refuseExternal(tensor)
  return model
}

/** Writes an ONNX file; the same model always gives the same bytes. */
export function writeModel(model: ModelProto): Uint8Array {
  return encodeMessage(modelSchema, model)
}

function decode(bytes: Uint8Array): ModelProto {
  try {
    // A Buffer's `slice` shares memory where a Uint8Array's copies: no Buffer gets into a model.
    const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return decodeMessage(modelSchema, plain) as ModelProto
  } catch (cause) {
    const reason = `it is not an ONNX file (${cause instanceof Error ? cause.message : cause})`
    throw new DugaError('model.unreadable', { reason }, { cause })
  }
}

function* graphTensors(graph: GraphProto): Generator<TensorProto> {
  yield* graph.initializer
  for (const node of graph.node) {
    for (const attribute of node.attribute) yield* attributeTensors(attribute)
  }
}

function* attributeTensors(attribute: AttributeProto): Generator<TensorProto> {
  if (attribute.t !== undefined) yield attribute.t
  yield* attribute.tensors
  if (attribute.g !== undefined) yield* graphTensors(attribute.g)
  for (const graph of attribute.graphs) yield* graphTensors(graph)
}

function refuseExternal(tensor: TensorProto): void {
  if (tensor.dataLocation === 1 || tensor.externalData.length > 0) {
    const reason = `tensor "${tensor.name}" lies in another file; save the model in one file`
    throw new DugaError('model.unreadable', { reason })
  }
}
