import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { useEffect, useRef, useState } from 'preact/hooks'
import * as f from './format'
import { useSettings } from './settings'

export interface Line { label: string; values: (number | null)[]; color: string; fill?: boolean; kind?: 'number' | 'money'; scale?: string }
export interface Mark { at: number; label: string }

/** A place on the time axis that is worth a word. */
function drawMarks(u: uPlot, marks: Mark[], ink: string, line: string) {
  const { ctx } = u
  const ratio = devicePixelRatio
  ctx.save()
  ctx.font = `${11 * ratio}px system-ui, sans-serif`
  ctx.textBaseline = 'top'
  ctx.textAlign = 'left'
  const ends = [-Infinity, -Infinity, -Infinity]
  for (const mark of marks) {
    const x = Math.round(u.valToPos(mark.at / 1000, 'x', true))
    if (x < u.bbox.left - 1 || x > u.bbox.left + u.bbox.width + 1) continue
    ctx.strokeStyle = line
    ctx.lineWidth = ratio
    ctx.setLineDash([2 * ratio, 3 * ratio])
    ctx.beginPath()
    ctx.moveTo(x, u.bbox.top)
    ctx.lineTo(x, u.bbox.top + u.bbox.height)
    ctx.stroke()
    const width = ctx.measureText(mark.label).width
    const left = x + width + 6 * ratio > u.bbox.left + u.bbox.width ? x - width - 4 * ratio : x + 4 * ratio
    const row = ends.findIndex(end => left > end)
    // Where three words stand one below the other there is no place for a fourth; all are in the table.
    if (row < 0) continue
    ends[row] = left + width + 10 * ratio
    ctx.fillStyle = ink
    ctx.fillText(mark.label, left, u.bbox.top - (18 + 15 * row) * ratio)
  }
  ctx.restore()
}

/** Lines over time, with the same numbers as a table behind it. */
export function Chart({ name, label, times, lines, marks = [], height = 200 }: { name: string; label: string; times: number[]; lines: Line[]; marks?: Mark[]; height?: number }) {
  const settings = useSettings()
  const { lang, look, currency, t } = settings
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const marksNow = useRef(marks)
  const [open, setOpen] = useState(false)
  marksNow.current = marks
  const shape = lines.map(l => l.label + l.color + l.scale).join('|')
  const hasMarks = marks.length > 0
  // Times of different days need the day.
  const days = times.length > 1 && times.at(-1)! - times[0]! > 86_400_000
  const when = (at: number) => (days ? `${f.day(at, lang)} ${f.time(at, lang)}` : f.time(at, lang))
  const text = (line: Line, value: number | null | undefined, whole = false) =>
    line.kind === 'money' ? (whole ? f.exactMoney(value, currency, lang) : f.money(value, currency, lang)) : whole ? f.exact(value, lang, 2) : f.trim(f.number(value, lang, 1))

  useEffect(() => {
    const element = box.current!
    const style = getComputedStyle(document.documentElement)
    const color = (variable: string) => style.getPropertyValue(variable).trim()
    const axis = { stroke: color('--muted'), font: '11px system-ui, sans-serif', grid: { stroke: color('--line'), width: 1 }, ticks: { show: false } }
    const scales = [...new Set(lines.map(l => l.scale ?? 'y'))]
    const u = new uPlot({
      width: element.clientWidth || 300,
      height,
      padding: [hasMarks ? 52 : 8, 24, 0, 0],
      legend: { show: true, live: true },
      cursor: { points: { size: 6 }, drag: { x: false, y: false } },
      scales: Object.fromEntries([['x', { time: true }], ...scales.map(name => [name, { range: (_: uPlot, __: number, high: number) => [0, high > 0 ? high * 1.08 : 1] }])]) as uPlot.Scales,
      axes: [
        { ...axis, size: days ? 40 : 26, space: 70, values: (_, splits, __, ___, step) => splits.map((s, i) => {
          const hour = f.time(s * 1000, lang, step < 60)
          const isNewDay = i === 0 || f.day(splits[i - 1]! * 1000, lang) !== f.day(s * 1000, lang)
          return !days ? hour : step >= 86_400 ? f.day(s * 1000, lang) : isNewDay ? `${hour}\n${f.day(s * 1000, lang)}` : hour
        }) },
        ...scales.map((name, i) => {
          const first = lines.find(l => (l.scale ?? 'y') === name)!
          return { ...axis, scale: name, side: (i === 0 ? 3 : 1) as uPlot.Axis.Side, size: first.kind === 'money' ? 64 : 52, space: 36, grid: { ...axis.grid, show: i === 0 },
            values: (_: uPlot, splits: number[]) => splits.map(s => (first.kind !== 'money' && !Number.isInteger(s) && s > 1 ? '' : f.trim(text(first, s)))) }
        }),
      ],
      series: [
        { label: t.when, value: (_, v: number | null) => (v == null ? '' : when(v * 1000)) },
        ...lines.map(l => ({ label: l.label, scale: l.scale ?? 'y', stroke: color(l.color), width: 1.5, fill: l.fill ? color(l.color) + '1f' : undefined, points: { show: false },
          value: (_: uPlot, v: number | null) => (v == null ? '' : text(l, v)) })),
      ],
      hooks: { draw: [u => drawMarks(u, marksNow.current, color('--muted'), color('--faint'))] },
    }, [times.map(v => v / 1000), ...lines.map(l => l.values)] as uPlot.AlignedData, element)
    plot.current = u
    const resize = new ResizeObserver(() => { if (element.clientWidth > 0) u.setSize({ width: element.clientWidth, height }) })
    resize.observe(element)
    return () => { resize.disconnect(); u.destroy(); plot.current = null }
  }, [shape, look, lang, currency, height, hasMarks, days])

  useEffect(() => { plot.current?.setData([times.map(v => v / 1000), ...lines.map(l => l.values)] as uPlot.AlignedData) }, [times, lines.map(l => l.values.length).join(), lines.map(l => l.values.at(-1)).join()])

  const marked = new Map<number, string>()
  for (const mark of marks) {
    const row = Math.max(0, times.findLastIndex(v => v <= mark.at))
    marked.set(row, marked.has(row) ? `${marked.get(row)}, ${mark.label}` : mark.label)
  }
  return (
    <figure class="chart" data-chart={name}>
      <div ref={box} role="img" aria-label={`${label}: ${lines.map(l => `${l.label}, ${t.highest} ${text(l, Math.max(...l.values.map(v => v ?? 0)), true)}`).join('; ')}`} />
      <details open={open} onToggle={e => setOpen(e.currentTarget.open)}>
        <summary>{t.table}</summary>
        {open && (
          <div class="scroll tall">
            <table>
              <caption class="unseen">{label}</caption>
              <thead><tr><th scope="col">{t.when}</th>{lines.map(l => <th key={l.label} scope="col" class="right">{l.label}</th>)}{hasMarks && <th scope="col">{t.milestones}</th>}</tr></thead>
              <tbody>
                {times.map((at, i) => (
                  <tr key={at}><th scope="row">{when(at)}</th>{lines.map(l => <td key={l.label} class="right">{text(l, l.values[i], true)}</td>)}{hasMarks && <td>{marked.get(i)}</td>}</tr>
                )).reverse()}
              </tbody>
            </table>
          </div>
        )}
      </details>
    </figure>
  )
}
