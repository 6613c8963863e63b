// The dog page: upload, result, history. Everything that comes from outside is set as text, never as markup.
import { TEXTS } from './page-texts.js'

const PAGE = 20
const LANGUAGE_KEY = 'duga-language'
const MOST_BYTES = 16 * 1024 * 1024

const mount = document.documentElement.dataset.mount
const find = (id) => document.getElementById(id)
const [form, drop, input, preview, hint] = ['form', 'drop', 'file', 'preview', 'hint'].map(find)
const [name, send, error, result, rows] = ['name', 'send', 'error', 'result', 'rows'].map(find)
const [note, more] = ['history-note', 'more'].map(find)

let language = startLanguage()
let chosen = null
let busy = false
let shown = null
let items = []
/** A key of TEXTS, so that it follows the language, or what the server said, in both. */
let problem = null
let noteKey = ''

function startLanguage() {
  const wanted = readStored() ?? navigator.language.slice(0, 2)
  return wanted === 'en' ? 'en' : 'id'
}

function readStored() {
  try {
    return localStorage.getItem(LANGUAGE_KEY)
  } catch {
    return null // storage may be forbidden; the choice is then not remembered
  }
}

function text(key) {
  return TEXTS[language][key] ?? key
}

function setLanguage(next) {
  language = next
  document.documentElement.lang = next
  document.title = text('title')
  for (const element of document.querySelectorAll('[data-text]')) {
    element.textContent = text(element.dataset.text)
  }
  for (const button of document.querySelectorAll('[data-language]')) {
    button.setAttribute('aria-pressed', String(button.dataset.language === next))
  }
  update()
}

function update() {
  send.disabled = busy || chosen === null
  send.textContent = text(busy ? 'sending' : 'send')
  hint.textContent = text(chosen === null ? 'hint' : 'another')
  error.textContent = toProblemText()
  note.textContent = noteKey === '' ? '' : text(noteKey)
  if (shown !== null) result.replaceChildren(...resultParts(shown))
  rows.replaceChildren(...items.map(row))
}

function toProblemText() {
  if (problem === null) return ''
  return typeof problem === 'string' ? text(problem) : problem[language]
}

function toTitle(breed) {
  const words = breed.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** `97.31%` as the language writes it. */
function toPercent(confidence) {
  return language === 'id' ? confidence.replace('.', ',') : confidence
}

function make(tag, properties = {}, children = []) {
  const element = Object.assign(document.createElement(tag), properties)
  element.append(...children)
  return element
}

function choose(file) {
  if (!file) return
  problem = null
  if (!file.type.startsWith('image/')) problem = 'notPicture'
  else if (file.size > MOST_BYTES) problem = 'tooLarge'
  chosen = problem === null ? file : null
  name.textContent = chosen?.name ?? ''
  if (preview.src) URL.revokeObjectURL(preview.src)
  preview.hidden = chosen === null
  if (chosen) preview.src = URL.createObjectURL(chosen)
  else preview.removeAttribute('src')
  update()
}

async function call(path, options) {
  const response = await fetch(mount + path, options)
  const body = await response.json().catch(() => ({}))
  if (!response.ok) {
    const message = body.error ?? body.message ?? response.statusText
    const said = { id: message, en: body.error_en ?? message }
    throw Object.assign(new Error(message), { status: response.status, said })
  }
  return body
}

async function predict(event) {
  event.preventDefault()
  if (chosen === null || busy) return
  busy = true
  problem = null
  update()
  try {
    const body = new FormData()
    body.append('file', chosen)
    shown = await call('/api/predict', { method: 'POST', body })
    await loadHistory(true)
  } catch (cause) {
    problem = cause.said ?? 'failed'
  } finally {
    busy = false
    update()
  }
}

function resultParts(answer) {
  const parts = [make('p', { className: 'breed', textContent: toTitle(answer.predicted_breed) })]
  if (answer.is_dog === false) {
    parts.unshift(make('p', { className: 'error', textContent: text('notDog') }))
  }
  const first = { breed: answer.predicted_breed, confidence: answer.confidence }
  const list = answer.top_predictions?.length ? answer.top_predictions : [first]
  parts.push(make('ul', { className: 'bars' }, list.map(bar)))
  return parts
}

function bar({ breed, confidence }) {
  const meter = make('meter', { min: 0, max: 100, value: Number.parseFloat(confidence) })
  meter.setAttribute('aria-label', `${toTitle(breed)}: ${toPercent(confidence)}`)
  const label = make('span', { textContent: toTitle(breed) })
  return make('li', {}, [label, make('span', { textContent: toPercent(confidence) }), meter])
}

async function loadHistory(fromStart) {
  const last = fromStart ? undefined : items.at(-1)
  const before = last === undefined ? '' : `&before=${last.id}`
  try {
    const page = await call(`/api/history?limit=${PAGE}${before}`)
    items = fromStart ? page : [...items, ...page]
    more.hidden = page.length < PAGE
    noteKey = items.length === 0 ? 'empty' : ''
  } catch (cause) {
    more.hidden = true
    noteKey = cause.status === 401 ? 'closed' : 'failed'
  }
  update()
}

function row(item) {
  const picture = make('img', {
    className: 'thumb',
    src: mount + item.image_url,
    alt: `${text('pictureOf')}: ${toTitle(item.predicted_breed)}`,
    title: item.image_filename,
    loading: 'lazy',
  })
  const cells = [
    ['breed', toTitle(item.predicted_breed)],
    ['confidence', toPercent(item.confidence)],
    ['time', item.timestamp],
  ]
  return make('tr', {}, [
    make('td', {}, [picture]),
    ...cells.map(([className, textContent]) => make('td', { className, textContent })),
  ])
}

for (const button of document.querySelectorAll('[data-language]')) {
  button.addEventListener('click', () => {
    try {
      localStorage.setItem(LANGUAGE_KEY, button.dataset.language)
    } catch {
      // storage may be forbidden; the choice is then not remembered
    }
    setLanguage(button.dataset.language)
  })
}
preview.addEventListener('error', () => {
  preview.hidden = true // the server may read what the browser cannot show
})
input.addEventListener('change', () => choose(input.files[0]))
form.addEventListener('submit', predict)
more.addEventListener('click', () => loadHistory(false))
for (const type of ['dragenter', 'dragover', 'dragleave', 'drop']) {
  drop.addEventListener(type, (event) => {
    event.preventDefault()
    drop.classList.toggle('over', type === 'dragenter' || type === 'dragover')
    if (type === 'drop') choose(event.dataTransfer.files[0])
  })
}

setLanguage(language)
await loadHistory(true)
