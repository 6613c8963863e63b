// Names of breeds as the folders of Stanford Dogs carry them.

/**
 * `n02085620-Chihuahua` → `Chihuahua`, `n02091635-otterhound` → `otterhound`, `n02086240-Shih-Tzu` → `Shih-Tzu`:
 * all that follows the first hyphen, underscores kept. A name without such a number in front stays as it is.
 */
export function toBreedName(folder: string): string {
  return /^n\d{8}-(?=.)/.test(folder) ? folder.slice(folder.indexOf('-') + 1) : folder
}
