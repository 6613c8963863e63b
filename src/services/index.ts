// The service table: a literal entry a service.
import type { Config } from '../config.ts'
import { moduleUrl } from '../engine/service.ts'
import { type ServiceModule, toServiceModule } from '../http/service-module.ts'
import { coughContract } from './cough/contract.ts'
import { cough } from './cough/index.ts'
import { dogContract, dogRootRoutes } from './dog/contract.ts'
import { dog } from './dog/index.ts'
import { deleteExpired } from './dog/retention.ts'
import { listDropIns } from './drop-ins.ts'
import { createFaceContract } from './face/contract.ts'
import { defineFace } from './face/index.ts'
import { productContract } from './product/contract.ts'
import { product } from './product/index.ts'
import { vibrationContract } from './vibration/contract.ts'
import { vibration } from './vibration/index.ts'
import { deleteExpired as deleteExpiredAnomalies } from './vibration/retention.ts'

/** @param config settings that change what a service answers */
export function createServices(config: Config): readonly ServiceModule[] {
  const dropIns = listDropIns(config)
  return [
    toServiceModule({
      definition: cough,
      indonesian: 'Klasifikasi batuk',
      contract: coughContract,
      access: 'public',
      trainer: moduleUrl(import.meta.url, 'cough/train'),
      evaluator: moduleUrl(import.meta.url, 'cough/evaluate'),
      adopter: moduleUrl(import.meta.url, 'cough/adopt'),
      dropIn: dropIns.cough!,
      trainOptions: ['epochs', 'batch_size', 'learning_rate', 'patience'],
    }),
    toServiceModule({
      definition: defineFace({ threshold: config.faceThreshold }),
      indonesian: 'Deteksi pemalsuan wajah',
      contract: createFaceContract(),
      access: 'public',
      trainer: moduleUrl(import.meta.url, 'face/train'),
      evaluator: moduleUrl(import.meta.url, 'face/evaluate'),
      adopter: moduleUrl(import.meta.url, 'face/adopt'),
      dropIn: dropIns.face!,
      trainOptions: ['epochs', 'batch_size', 'learning_rate', 'patience', 'views', 'unfreeze'],
    }),
    toServiceModule({
      definition: dog,
      indonesian: 'Klasifikasi ras anjing',
      page: true,
      contract: dogContract,
      trainer: moduleUrl(import.meta.url, 'dog/train'),
      trainOptions: [
        ...(['epochs', 'batch_size', 'learning_rate', 'patience'] as const),
        ...(['views', 'unfreeze', 'backbone', 'recipe'] as const),
      ],
      evaluator: moduleUrl(import.meta.url, 'dog/evaluate'),
      adopter: moduleUrl(import.meta.url, 'dog/adopt'),
      dropIn: dropIns.dog!,
      rootRoutes: dogRootRoutes,
      deleteExpired,
      access: 'public',
    }),
    toServiceModule({
      definition: product,
      indonesian: 'Kategorisasi nama produk',
      contract: productContract,
      access: 'client',
      trainer: moduleUrl(import.meta.url, 'product/train'),
      evaluator: moduleUrl(import.meta.url, 'product/evaluate'),
      adopter: moduleUrl(import.meta.url, 'product/adopt'),
      dropIn: dropIns.product!,
      trainOptions: ['replace', 'name_column', 'category_column'],
    }),
    toServiceModule({
      definition: vibration,
      indonesian: 'Deteksi anomali getaran',
      contract: vibrationContract,
      deleteExpired: deleteExpiredAnomalies,
      access: 'public',
      trainer: moduleUrl(import.meta.url, 'vibration/train'),
      evaluator: moduleUrl(import.meta.url, 'vibration/evaluate'),
      adopter: moduleUrl(import.meta.url, 'vibration/adopt'),
      dropIn: dropIns.vibration!,
      trainOptions: ['normal', 'architecture', 'epochs', 'batch_size', 'learning_rate', 'patience'],
    }),
  ]
}
