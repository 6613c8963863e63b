// ROC and precision-recall curves: all classes while they can be told apart, else their mean and the weakest.
import type { Evaluation } from '../evaluation.ts'
import type { Plot } from './plot.ts'
import { COLOURS, legend, SERIES, shareAxis, short, shorten, title } from './theme.ts'
import { heightAt, type Point, thin } from './thin.ts'

const MOST_CURVES = 10
const WEAKEST = 7
const SIDE = 420
const LINE_HEIGHT = 24

interface Line {
  readonly name: string
  readonly points: readonly Point[]
  readonly area: number
}

interface Look {
  readonly heading: string
  readonly x: string
  readonly y: string
  /** What the area under a curve is called. */
  readonly area: string
  /** What a score that knows nothing would draw. */
  readonly chance: readonly [Point, Point] | null
  /** Height of a curve where curves are averaged. */
  readonly heightAt: (points: readonly Point[], x: number) => number
}

/** @returns null where no class has rows of both kinds */
export function rocPlot(evaluation: Evaluation): Plot | null {
  const lines = evaluation.curves.flatMap(({ label, roc, roc_auc }): Line[] =>
    roc === null || roc_auc === null
      ? []
      : [{ name: label, area: roc_auc, points: roc.fpr.map((x, i) => [x, roc.tpr[i]!]) }],
  )
  return draw(evaluation, lines, {
    heading: 'ROC curve',
    ...{ x: 'False-positive rate', y: 'True-positive rate', area: 'AUC' },
    chance: [
      [0, 0],
      [1, 1],
    ],
    heightAt,
  })
}

/** @returns null where no class has rows of both kinds */
export function prPlot(evaluation: Evaluation): Plot | null {
  const { curves } = evaluation
  const lines = curves.flatMap(({ label, pr, average_precision }): Line[] => {
    if (pr === null || average_precision === null) return []
    const points = pr.recall.map((x, i): Point => [x, pr.precision[i]!]).reverse()
    return [{ name: label, area: average_precision, points }]
  })
  // Where all rows are named, precision is the share of positive rows.
  const share = curves.length === 1 ? (curves[0]!.pr?.precision[0] ?? null) : null
  const chance =
    share === null
      ? null
      : ([
          [0, share],
          [1, share],
        ] as const)
  return draw(evaluation, lines, {
    heading: 'Precision-recall curve',
    ...{ x: 'Recall', y: 'Precision', area: 'AP', chance },
    // The best precision at this recall or beyond: the usual interpolation.
    heightAt: (points, x) =>
      points.reduce((best, [recall, y]) => (recall >= x - 1e-12 && y > best ? y : best), 0),
  })
}

function draw({ curves, rows }: Evaluation, lines: readonly Line[], look: Look): Plot | null {
  if (lines.length === 0) return null
  const many = lines.length > MOST_CURVES
  const weakest = lines.toSorted((a, b) => a.area - b.area).slice(0, WEAKEST)
  const shown = many ? weakest : lines
  const mean = lines.length > 1 ? [meanOf(lines, look.heightAt)] : []
  const { heading, area } = look
  const against = curves.length > 1 ? ', each class against the rest' : ''
  const without = curves.length - lines.length
  const left = [
    many ? `the ${WEAKEST} weakest of ${lines.length} classes` : '',
    without > 0 ? `${without} without rows left out` : '',
  ].filter((part) => part !== '')
  const subtext = [`${rows} held-out rows${against}`, left.join(' · ')]
  const name = (line: Line) => `${shorten(line.name, 22)}  ${area} ${short(line.area)}`
  return {
    ...{ width: SIDE + 120, height: SIDE + 172 + (mean.length + shown.length) * LINE_HEIGHT },
    about: `${heading}. ${[...mean, ...shown].map(name).join('; ')}`,
    option: {
      title: title(heading, subtext.join('\n').trim()),
      grid: { left: 76, top: 102, width: SIDE, height: SIDE },
      legend: legend({
        ...{ orient: 'vertical', itemGap: 10, left: 76, top: SIDE + 160 },
        data: [...mean, ...shown].map((line) => ({ name: name(line) })),
      }),
      xAxis: shareAxis(look.x, 32),
      yAxis: shareAxis(look.y, 42),
      series: [
        ...(look.chance === null ? [] : [chanceSeries(look.chance)]),
        ...shown.map((line, i) => lineSeries(name(line), line, SERIES[i % SERIES.length]!, 2)),
        ...mean.map((line) => lineSeries(name(line), line, COLOURS.ink, 2.6)),
      ],
    },
  }
}

function meanOf(lines: readonly Line[], height: Look['heightAt']): Line {
  const steps = Array.from({ length: 101 }, (_, i) => i / 100)
  const mean = (of: (line: Line) => number) =>
    lines.reduce((sum, line) => sum + of(line), 0) / lines.length
  return {
    name: 'mean of classes',
    area: mean(({ area }) => area),
    points: steps.map((x) => [x, mean(({ points }) => height(points, x))]),
  }
}

function lineSeries(name: string, { points }: Line, color: string, width: number): object {
  return {
    name,
    type: 'line',
    showSymbol: false,
    silent: true,
    clip: false,
    lineStyle: { width, color },
    itemStyle: { color },
    data: thin(points),
  }
}

function chanceSeries(points: readonly [Point, Point]): object {
  return {
    type: 'line',
    showSymbol: false,
    silent: true,
    lineStyle: { width: 1.2, type: [5, 5], color: COLOURS.line },
    data: points,
  }
}
