// Field numbers of onnx.proto's messages: how those of proto.ts lie in a file. Rarer fields are
// left out and pass through.
import type { Schema } from './wire.ts'

const stringStringEntry: Schema = {
  1: { name: 'key', type: 'string' },
  2: { name: 'value', type: 'string' },
}

const tensor: Schema = {
  1: { name: 'dims', type: 'int64', repeated: 'packed' },
  2: { name: 'dataType', type: 'int32' },
  4: { name: 'floatData', type: 'float', repeated: 'packed' },
  5: { name: 'int32Data', type: 'int32', repeated: 'packed' },
  6: { name: 'stringData', type: 'bytes', repeated: 'plain' },
  7: { name: 'int64Data', type: 'int64', repeated: 'packed' },
  8: { name: 'name', type: 'string' },
  9: { name: 'rawData', type: 'bytes' },
  10: { name: 'doubleData', type: 'double', repeated: 'packed' },
  11: { name: 'uint64Data', type: 'uint64', repeated: 'packed' },
  13: { name: 'externalData', type: () => stringStringEntry, repeated: 'plain' },
  14: { name: 'dataLocation', type: 'int32' },
}

const dimension: Schema = {
  1: { name: 'dimValue', type: 'int64' },
  2: { name: 'dimParam', type: 'string' },
}

const tensorShape: Schema = { 1: { name: 'dim', type: () => dimension, repeated: 'plain' } }

const tensorType: Schema = {
  1: { name: 'elemType', type: 'int32' },
  2: { name: 'shape', type: () => tensorShape },
}

const type: Schema = { 1: { name: 'tensorType', type: () => tensorType } }

const valueInfo: Schema = {
  1: { name: 'name', type: 'string' },
  2: { name: 'type', type: () => type },
}

const attribute: Schema = {
  1: { name: 'name', type: 'string' },
  2: { name: 'f', type: 'float' },
  3: { name: 'i', type: 'int64' },
  4: { name: 's', type: 'bytes' },
  5: { name: 't', type: () => tensor },
  6: { name: 'g', type: () => graph },
  7: { name: 'floats', type: 'float', repeated: 'packed' },
  8: { name: 'ints', type: 'int64', repeated: 'packed' },
  9: { name: 'strings', type: 'bytes', repeated: 'plain' },
  10: { name: 'tensors', type: () => tensor, repeated: 'plain' },
  11: { name: 'graphs', type: () => graph, repeated: 'plain' },
  20: { name: 'type', type: 'int32' },
}

const node: Schema = {
  1: { name: 'input', type: 'string', repeated: 'plain' },
  2: { name: 'output', type: 'string', repeated: 'plain' },
  3: { name: 'name', type: 'string' },
  4: { name: 'opType', type: 'string' },
  5: { name: 'attribute', type: () => attribute, repeated: 'plain' },
  6: { name: 'docString', type: 'string' },
  7: { name: 'domain', type: 'string' },
}

const graph: Schema = {
  1: { name: 'node', type: () => node, repeated: 'plain' },
  2: { name: 'name', type: 'string' },
  5: { name: 'initializer', type: () => tensor, repeated: 'plain' },
  10: { name: 'docString', type: 'string' },
  11: { name: 'input', type: () => valueInfo, repeated: 'plain' },
  12: { name: 'output', type: () => valueInfo, repeated: 'plain' },
  13: { name: 'valueInfo', type: () => valueInfo, repeated: 'plain' },
}

const operatorSetId: Schema = {
  1: { name: 'domain', type: 'string' },
  2: { name: 'version', type: 'int64' },
}

export const modelSchema: Schema = {
  1: { name: 'irVersion', type: 'int64' },
  2: { name: 'producerName', type: 'string' },
  3: { name: 'producerVersion', type: 'string' },
  4: { name: 'domain', type: 'string' },
  5: { name: 'modelVersion', type: 'int64' },
  6: { name: 'docString', type: 'string' },
  7: { name: 'graph', type: () => graph },
  8: { name: 'opsetImport', type: () => operatorSetId, repeated: 'plain' },
  14: { name: 'metadataProps', type: () => stringStringEntry, repeated: 'plain' },
}
