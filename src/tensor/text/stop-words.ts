// Words that carry no category. English as NLTK lists it; Indonesian only what shops write in product names:
// NLTK's long Indonesian list also holds words that name products.

export const ENGLISH_STOP_WORDS: readonly string[] = (
  'i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers herself ' +
  'it its itself they them their theirs themselves what which who whom this that these those am is are was were be ' +
  'been being have has had having do does did doing a an the and but if or because as until while of at by for with ' +
  'about against between into through during before after above below to from up down in out on off over under again ' +
  'further then once here there when where why how all any both each few more most other some such no nor not only own ' +
  'same so than too very s t can will just don should now d ll m o re ve y ain aren couldn didn doesn hadn hasn haven ' +
  'isn ma mightn mustn needn shan shouldn wasn weren won wouldn'
).split(' ')

export const INDONESIAN_STOP_WORDS: readonly string[] =
  'dan atau di ke dari yang untuk utk dengan dgn pada dalam adalah isi per ini itu juga serta bagi oleh'.split(
    ' ',
  )

export const STOP_WORDS: Readonly<Record<string, readonly string[]>> = {
  none: [],
  english: ENGLISH_STOP_WORDS,
  indonesian: INDONESIAN_STOP_WORDS,
  'english+indonesian': [...ENGLISH_STOP_WORDS, ...INDONESIAN_STOP_WORDS],
}
