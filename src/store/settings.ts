// Small values by name that belong to the installation, not to the environment.
import type { Json } from '../json.ts'
import type { Database } from './database.ts'
import { isDuplicate } from './database-errors.ts'

export interface SettingStore {
  get(name: string): Promise<Json | undefined>
  put(name: string, value: Json): Promise<void>
}

export function createSettingStore({ kysely }: Database): SettingStore {
  const update = async (name: string, value: string) => {
    const result = await kysely
      .updateTable('settings')
      .set({ value })
      .where('name', '=', name)
      .executeTakeFirst()
    return result.numUpdatedRows > 0n
  }
  return {
    get: async (name) => {
      const row = await kysely
        .selectFrom('settings')
        .select('value')
        .where('name', '=', name)
        .executeTakeFirst()
      return row === undefined ? undefined : (JSON.parse(row.value) as Json)
    },
    put: async (name, value) => {
      const text = JSON.stringify(value)
      if (await update(name, text)) return
      try {
        await kysely.insertInto('settings').values({ name, value: text }).execute()
      } catch (error) {
        if (!isDuplicate(error)) throw error
        await update(name, text)
      }
    },
  }
}
