// The files of users' own models: what the old back ends called them, and the settings that say where else they are.
import { join } from 'node:path'
import type { DropInFile } from '../commands/find-drop-in.ts'
import type { Config } from '../config.ts'

const PRODUCT = ['tfidf_vectorizer.joblib', 'svc_model.joblib', 'model_classes.joblib']

/** By service. */
export function listDropIns(config: Config): Readonly<Record<string, readonly DropInFile[]>> {
  const { productModelDir } = config
  return {
    cough: [model('COUGH_MODEL_PATH', config.coughModelPath, 'cough_classifier_model.h5')],
    face: [model('FACE_MODEL_PATH', config.faceModelPath, '*.onnx')],
    dog: [
      model('DOG_MODEL_PATH', config.dogModelPath, 'dog_breed_classifier_final_model.keras'),
      { ...model('DOG_CLASSES_PATH', config.dogClassesPath, 'class_indices.json'), role: 'labels' },
    ],
    product: PRODUCT.map((name) =>
      model('PRODUCT_MODEL_DIR', productModelDir && join(productModelDir, name), name),
    ),
    vibration: [
      model('AUTOENCODER_MODEL_PATH', config.autoencoderModelPath, '*.h5', '*.keras'),
      model('SCALER_MODEL_PATH', config.scalerModelPath, '*.joblib', '*.pkl'),
    ],
  }
}

const model = (setting: string, path: string | null, ...names: readonly string[]): DropInFile => ({
  ...{ setting, path, names },
  role: 'model',
})
