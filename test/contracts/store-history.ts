// The history as every database must keep it.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { prunePredictions } from '../../src/store/retention.ts'
import type { Stores } from '../../src/store/stores.ts'
import { prediction, T0 } from './samples.ts'

export function historyContract(stores: () => Stores): void {
  it('gives back what was recorded', async () => {
    const { history } = stores()
    const id = await history.append(prediction({ service: 'echo', input: 'a\u0000\ud800b' }))
    const row = await history.get('echo', id)
    assert.deepEqual(row, {
      ...prediction({ service: 'echo', input: 'a\ufffd\ufffdb' }),
      id,
      feedback: null,
    })
    assert.equal(await history.get('dog', id), null)
  })

  it('changes nothing where the id is there already', async () => {
    const { history } = stores()
    const id = await history.append(prediction({ service: 'again', input: 'first' }))
    const both = [id, undefined].map((given) =>
      history.append(
        prediction({ service: 'again', input: 'second', ...(given && { id: given }) }),
      ),
    )
    await Promise.all(both)
    const { items } = await history.list('again')
    assert.deepEqual(items.map(({ input }) => input).sort(), ['first', 'second'])
    assert.equal((await history.get('again', id))?.input, 'first')
  })

  it('keeps the order of one instant', async () => {
    const { history } = stores()
    const inputs = Array.from({ length: 300 }, (_, index) => `${index}`)
    await Promise.all(
      inputs.map((input) => history.append(prediction({ service: 'order', input }))),
    )
    const found: string[] = []
    for await (const row of history.each('order')) found.push(row.input)
    assert.deepEqual(found, inputs.reverse())
  })

  it('refuses a foreign cursor', async () => {
    await assert.rejects(stores().history.list('dog', { cursor: "' or 1=1" }), {
      code: 'cursor.invalid',
    })
  })

  it('writes side rows with the prediction, or neither; a bad one fails alone', async () => {
    const { history, dogHistory, vibrationAnomalies, users } = stores()
    const user = await users.add('side-rows', 'hash')
    const side = (userId: number | null, imageFilename: string) =>
      ({
        table: 'prediction_history',
        userId,
        timestamp: T0,
        imageFilename,
        imageUrl: `/static/history_images/${imageFilename}`,
        predictedBreed: 'x'.repeat(100),
        confidence: 0.5,
      }) as const
    const service = 'side'
    const results = await Promise.allSettled([
      history.append(prediction({ service }), [side(user.id, 'mine.jpg')]),
      history.append(prediction({ service }), [side(123_456, 'nobody.jpg')]),
      history.append(prediction({ service }), [side(null, 'guest.jpg')]),
    ])
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    )
    assert.equal((await history.list(service)).items.length, 2)
    assert.deepEqual(
      (await dogHistory.list()).map(({ imageFilename }) => imageFilename),
      ['guest.jpg', 'mine.jpg'],
    )
    const [mine] = await dogHistory.list({ userId: user.id })
    assert.equal(mine?.timestamp, '2026-01-01 00:00:00')
    assert.equal(mine?.predictedBreed.length, 80)
    assert.deepEqual((await dogHistory.deleteOldest(T0 + 1000)).length, 2)
    assert.deepEqual(await dogHistory.list(), [])

    const anomaly = { deviceId: 'pump', reconstructionError: 0.5, threshold: 0.25 }
    const timestamp = '2026-01-01T07:00:00.123456'
    await history.append(prediction({ service: 'vibration' }), [
      { table: 'vibration_anomalies', timestamp, ...anomaly },
    ])
    const [row] = await vibrationAnomalies.list()
    assert.deepEqual(row, { id: row?.id, timestamp, ...anomaly })
  })

  it('takes feedback and takes it back', async () => {
    const { history } = stores()
    const id = await history.append(prediction({ service: 'feedback' }))
    assert.equal((await history.putFeedback('feedback', id, 'Pug')).feedback, 'Pug')
    assert.equal((await history.get('feedback', id))?.feedback, 'Pug')
    assert.equal((await history.putFeedback('feedback', id, null)).feedback, null)
    await assert.rejects(history.putFeedback('feedback', 'none', 'Pug'), {
      code: 'prediction.unknown',
    })
  })

  it('forgets by age and by number, service by service', async () => {
    const { history, db } = stores()
    for (const service of ['old-a', 'old-b']) {
      await Promise.all(
        Array.from({ length: 1200 }, (_, index) =>
          history.append(prediction({ service, timestamp: T0 + index, input: `${index}` })),
        ),
      )
    }
    assert.ok((await prunePredictions(db, { before: T0 + 600 })) >= 1200)
    const count = async (service: string) => {
      let rows = 0
      for await (const row of history.each(service)) {
        assert.ok(row.timestamp >= T0 + 600)
        rows++
      }
      return rows
    }
    assert.equal(await count('old-a'), 600)
    await prunePredictions(db, { rows: 7 })
    assert.equal(await count('old-a'), 7)
    assert.equal(await count('old-b'), 7)
    assert.equal((await history.list('old-a')).items[0]?.input, '1199')
  })
}
