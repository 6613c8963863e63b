// The names of a model's classes: its own, or those of a file beside it where its own are numbers.

import { DugaError } from '../../errors.ts'

export interface Naming {
  readonly labels: readonly string[] | null
  readonly notices: readonly string[]
}

/**
 * @param own `classes_` of the model
 * @param given of a file of class names; where the model's own classes are 0, 1 …, they are places in it
 * @throws DugaError model.unreadable where it has fewer names than there are such places
 */
export function nameClasses(
  own: readonly string[] | null,
  given: readonly string[] | null,
): Naming {
  if (own === null || given === null) return { labels: own, notices: [] }
  const places = own.map(Number)
  if (places.every((place) => Number.isInteger(place) && place >= 0 && place < given.length)) {
    return { labels: places.map((place) => given[place]!), notices: [] }
  }
  if (places.every((place, at) => place === at)) {
    const reason = `the model has ${own.length} classes, and the file of class names ${given.length}`
    throw new DugaError('model.unreadable', { reason })
  }
  const known = new Set(given)
  if (own.length === given.length && own.every((name) => known.has(name))) {
    return { labels: own, notices: [] }
  }
  return {
    labels: own,
    notices: ['The file of class names is not of the same classes as the model, and was left out.'],
  }
}
