// The confusion matrix as a heat map: truth by row, answer by column, shade by share of the row. Beyond what can be read,
// the classes that are most often confused.
import type { Evaluation } from '../evaluation.ts'
import type { Plot } from './plot.ts'
import { COLOURS, shorten, title } from './theme.ts'

const MOST_CLASSES = 120
const KEPT_CLASSES = 60
/** The smallest cell that holds a number. */
const CELL_WITH_TEXT = 24

export function confusionPlot({ classes, confusion, rows, scores }: Evaluation): Plot {
  const order = shownClasses(classes.length, confusion.counts)
  const n = order.length
  const cell = Math.min(72, Math.max(11.5, 640 / n))
  const side = Math.round(Math.max(cell * n, 130))
  const font = Math.min(13, Math.max(8.5, cell * 0.78))
  const names = order.map((c) => shorten(classes[c]!, 22))
  const label = names.map((name, i) => `${name} (${scores[order[i]!]!.support})`)
  const room = (texts: readonly string[]) =>
    Math.ceil(Math.max(...texts.map((text) => text.length)) * font * 0.55) + 14
  const upright = Math.max(...names.map((name) => name.length)) * font * 0.6 > cell
  const grid = { left: 52 + room(label), top: 84, width: side, height: side }
  const below = upright ? room(names) : 24
  const part = n < classes.length ? `the ${n} most confused of ${classes.length} classes · ` : ''
  return {
    width: Math.max(grid.left + side + 32, 400),
    height: grid.top + side + below + 44,
    about: `Confusion matrix of ${classes.length} classes on ${rows} held-out rows.`,
    option: {
      title: title('Confusion matrix', `${part}rows: truth (count), columns: answer`),
      grid,
      visualMap: {
        ...{ show: false, type: 'continuous', dimension: 2, min: 0, max: 1 },
        inRange: { color: ['rgba(0,114,178,0.08)', 'rgba(0,114,178,1)'] },
      },
      xAxis: {
        ...categories(names, font),
        name: 'Answer',
        nameGap: below + 8,
        axisLabel: {
          ...{ interval: 0, fontSize: font, color: COLOURS.ink },
          rotate: upright ? 90 : 0,
        },
      },
      yAxis: { ...categories(label, font), inverse: true, name: 'Truth', nameGap: room(label) + 6 },
      series: [
        {
          type: 'heatmap',
          silent: true,
          progressive: 0,
          itemStyle: { borderColor: COLOURS.surface, borderWidth: cell > 16 ? 1.5 : 0.5 },
          data: cells(order, confusion.counts, classes.length, cell),
        },
      ],
    },
  }
}

function categories(names: readonly string[], font: number): object {
  return {
    type: 'category',
    // Two classes may have the same shortened name.
    data: names.map((value) => ({ value })),
    nameLocation: 'middle',
    nameTextStyle: { fontSize: 13, color: COLOURS.muted },
    axisLabel: { interval: 0, fontSize: font, color: COLOURS.ink },
    axisLine: { show: true, lineStyle: { color: COLOURS.line } },
    axisTick: { show: false },
    splitLine: { show: true, interval: 0, lineStyle: { color: COLOURS.grid, width: 0.6 } },
  }
}

function cells(
  order: readonly number[],
  counts: Float64Array,
  classes: number,
  cell: number,
): object[] {
  return order.flatMap((truth, y) => {
    const row = counts.subarray(truth * classes, (truth + 1) * classes)
    const total = row.reduce((sum, count) => sum + count, 0)
    return order.flatMap((named, x) => {
      const count = row[named]!
      if (count === 0) return []
      const share = count / total
      return [
        {
          value: [x, y, share],
          label: {
            show: cell >= CELL_WITH_TEXT,
            formatter: cell >= 44 ? `${count}\n${percent(share)}` : String(count),
            fontSize: cell >= 44 ? 13 : 11,
            lineHeight: 16,
            color: share > 0.6 ? COLOURS.surface : COLOURS.ink,
          },
        },
      ]
    })
  })
}

/** All classes in order, or those with the most mistakes. */
function shownClasses(classes: number, counts: Float64Array): number[] {
  const all = Array.from({ length: classes }, (_, c) => c)
  if (classes <= MOST_CLASSES) return all
  const wrong = new Float64Array(classes)
  for (const [i, count] of counts.entries()) {
    const [truth, named] = [Math.floor(i / classes), i % classes]
    if (truth === named) continue
    wrong[truth]! += count
    wrong[named]! += count
  }
  const most = all.toSorted((a, b) => wrong[b]! - wrong[a]! || a - b).slice(0, KEPT_CLASSES)
  return most.sort((a, b) => a - b)
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`
}
