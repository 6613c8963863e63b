// Public training data by name: where it is, on what terms, and how its archives become class folders. A table only;
// a SHA-256 stands here where it is known for certain, else the first download on a machine fixes it.

export interface PublicArchive {
  readonly address: string
  /** null: not known, or the server packs it anew each time. */
  readonly sha256: string | null
  readonly bytes: number | null
  /** Path in the archive → path in the folder; null: not wanted. */
  readonly place: (path: string) => string | null
  readonly mostFiles: number
  /** Of all that is unpacked. */
  readonly mostBytes: number
}

export interface PublicSet {
  readonly name: string
  /** Service that it trains. */
  readonly service: 'dog' | 'cough' | 'vibration'
  readonly title: string
  readonly homepage: string
  readonly licence: string
  /** Who is to be named, or what use is allowed. */
  readonly terms: string
  readonly archives: readonly PublicArchive[]
}

const GiB = 2 ** 30
const MiB = 2 ** 20

/** Names of ESC-50's classes by the number that ends each file name (its meta/esc50.csv). */
const ESC_50 =
  'dog rooster pig cow frog cat hen insects sheep crow rain sea_waves crackling_fire crickets chirping_birds water_drops wind pouring_water toilet_flush thunderstorm crying_baby sneezing clapping breathing coughing footsteps laughing brushing_teeth snoring drinking_sipping door_wood_knock mouse_click keyboard_typing door_wood_creaks can_opening washing_machine vacuum_cleaner clock_alarm clock_tick glass_breaking helicopter chainsaw siren car_horn engine train church_bells airplane fireworks hand_saw'.split(
    ' ',
  )

/** The classes of ESC-10 among them. */
const ESC_10 = new Set(
  'dog rooster rain sea_waves crackling_fire crying_baby sneezing clock_tick helicopter chainsaw'.split(
    ' ',
  ),
)

function fromEsc(toPath: (className: string, file: string) => string | null): PublicArchive {
  return {
    address: 'https://github.com/karolpiczak/ESC-50/archive/master.zip',
    sha256: null,
    bytes: null,
    place: (path) => {
      const match = /\/audio\/(\d-\d+-[A-Z]-(\d+)\.wav)$/.exec(path)
      const className = ESC_50[Number(match?.[2])]
      return match && className !== undefined ? toPath(className, match[1]!) : null
    },
    mostFiles: 2000,
    mostBytes: 2 * GiB,
  }
}

const COUGHS: PublicArchive = {
  address: 'https://github.com/covid19-cough/dataset/archive/HEAD.zip',
  sha256: null,
  bytes: null,
  place: (path) => {
    const match = /\/raw\/([\w-]+\.\w+)$/.exec(path)
    return match ? `cough/${match[1]}` : null
  },
  mostFiles: 20_000,
  mostBytes: 4 * GiB,
}

const PICZAK = 'K. J. Piczak, "ESC: Dataset for environmental sound classification", 2015'

export const PUBLIC_SETS: readonly PublicSet[] = [
  {
    name: 'stanford-dogs',
    service: 'dog',
    title: '20,580 pictures of 120 dog breeds',
    homepage: 'http://vision.stanford.edu/aditya86/ImageNetDogs/',
    licence: 'none stated; pictures are from ImageNet',
    terms:
      'For non-commercial research and education, as ImageNet. Cite Khosla et al., "Novel dataset for fine-grained image categorization", 2011.',
    archives: [
      {
        address: 'http://vision.stanford.edu/aditya86/ImageNetDogs/images.tar',
        sha256: 'a443fc2f9a851aa1a7b8e4fa4af94b8459fce2c9f5a2f4dd4669cf9673a4ec58',
        bytes: 793_579_520,
        place: (path) => /^Images\/(n\d+-[^/]+\/[^/]+\.jpg)$/.exec(path)?.[1] ?? null,
        mostFiles: 25_000,
        mostBytes: 2 * GiB,
      },
    ],
  },
  {
    name: 'sign-language-digits',
    service: 'dog',
    title: 'some 2,000 pictures of ten hand signs: a small picture folder for a first look',
    homepage: 'https://github.com/ardamavi/Sign-Language-Digits-Dataset',
    licence: 'Apache-2.0',
    terms: 'A. Mavi and Z. Dikle, Ankara Ayrancı Anadolu High School, 2017.',
    archives: [
      {
        address: 'https://github.com/ardamavi/Sign-Language-Digits-Dataset/archive/master.zip',
        sha256: null,
        bytes: null,
        place: (path) => /\/Dataset\/(\d\/[^/]+\.jpe?g)$/i.exec(path)?.[1] ?? null,
        mostFiles: 5000,
        mostBytes: 200 * MiB,
      },
    ],
  },
  {
    name: 'cough',
    service: 'cough',
    title: 'coughs of covid19-cough, and ESC-10 as what is none',
    homepage: 'https://github.com/covid19-cough/dataset',
    licence: 'CC0 1.0 (coughs), CC BY 3.0 (ESC-10)',
    terms: `ESC-10: ${PICZAK}; its clips' authors are named in its LICENSE file.`,
    archives: [
      COUGHS,
      fromEsc((name, file) => (ESC_10.has(name) ? `non-cough/${name}-${file}` : null)),
    ],
  },
  {
    name: 'covid19-cough',
    service: 'cough',
    title: 'recordings of induced coughs; one class, to be joined with others',
    homepage: 'https://github.com/covid19-cough/dataset',
    licence: 'CC0 1.0',
    terms: 'None.',
    archives: [COUGHS],
  },
  {
    name: 'esc-10',
    service: 'cough',
    title: '400 clips of ten everyday sounds',
    homepage: 'https://github.com/karolpiczak/ESC-50',
    licence: 'CC BY 3.0',
    terms: `${PICZAK}; the clips' authors are named in its LICENSE file.`,
    archives: [fromEsc((name, file) => (ESC_10.has(name) ? `${name}/${file}` : null))],
  },
  {
    name: 'esc-50',
    service: 'cough',
    title: '2,000 clips of 50 everyday sounds',
    homepage: 'https://github.com/karolpiczak/ESC-50',
    licence: 'CC BY-NC 3.0',
    terms: `Not for commercial use. ${PICZAK}.`,
    archives: [fromEsc((name, file) => `${name}/${file}`)],
  },
  {
    name: 'accelerometer',
    service: 'vibration',
    title: 'a fan with weights on its blades: three states, 17 speeds',
    homepage: 'https://archive.ics.uci.edu/dataset/846/accelerometer',
    licence: 'CC BY 4.0',
    terms: 'G. Scalabrini Sampaio et al., UCI Machine Learning Repository, 2019.',
    archives: [
      {
        address: 'https://archive.ics.uci.edu/static/public/846/accelerometer.zip',
        sha256: null,
        bytes: null,
        place: (path) => (/(^|\/)accelerometer\.csv$/.test(path) ? 'accelerometer.csv' : null),
        mostFiles: 1,
        mostBytes: 100 * MiB,
      },
    ],
  },
]
