// Writes the report of a job: a folder with the page, its plots as PNG and report.json. Whole or not at all: it is made
// beside its place and renamed into it. Loads ECharts and resvg; import it only where a report is written.
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { syncFolder, writeSynced } from '../../store/durable-file.ts'
import { embedMedia } from './embed-media.ts'
import { evaluate } from './evaluate.ts'
import type { Evaluation } from './evaluation.ts'
import type { EvaluationInput, ReportContext } from './evaluation-input.ts'
import { inlinePlot } from './page/inline-plot.ts'
import { toPage } from './page/page.ts'
import { toPng, toSvg } from './plots/plot.ts'
import { toPlots } from './plots/plots.ts'
import { toReportJson } from './report-json.ts'

/** Mistakes that the page shows: more of what is read at a glance. */
const MOST_SHOWN = { picture: 36, audio: 12, text: 36 }

/**
 * @param folder made, or replaced if it is there; its parent is made too
 * @returns what was evaluated
 * @throws RangeError where rows, labels and scores do not fit each other
 */
export async function writeReport(
  folder: string,
  input: EvaluationInput,
  context: ReportContext,
): Promise<Evaluation> {
  const evaluation = evaluate(input)
  const files = await toFiles(evaluation, input, context)
  const beside = `${folder}.partial`
  await rm(beside, { recursive: true, force: true })
  await mkdir(beside, { recursive: true, mode: 0o700 })
  try {
    for (const [name, content] of files) await writeSynced(join(beside, name), content)
    await syncFolder(beside)
    await rm(folder, { recursive: true, force: true })
    await rename(beside, folder)
    await syncFolder(dirname(folder))
  } catch (error) {
    await rm(beside, { recursive: true, force: true })
    throw error
  }
  return evaluation
}

async function toFiles(
  evaluation: Evaluation,
  input: EvaluationInput,
  context: ReportContext,
): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>()
  const drawn = [...toPlots(evaluation)].map(([name, plot]) => {
    const svg = toSvg(plot)
    files.set(`${name}.png`, toPng(svg))
    return inlinePlot(name, plot, svg)
  })
  const { mistakes } = evaluation
  const reference = mistakes[0]?.reference
  const most = reference?.picture ? 'picture' : reference?.audio ? 'audio' : 'text'
  const shown = await embedMedia(mistakes.slice(0, MOST_SHOWN[most]))
  const text = (content: string) => new TextEncoder().encode(content)
  const page = toPage({ evaluation, input, context, plots: drawn, shown })
  files.set('report.json', text(toReportJson(evaluation, input, context)))
  files.set('index.html', text(page))
  return files
}
