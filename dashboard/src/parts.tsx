import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Link, Problem } from './api'
import { exact, exactMoney, timeSince } from './format'
import { fill } from './i18n'
import { useSettings } from './settings'

/** A value that is shown short and known in full: its raw number is in data-value, all its digits in the title. */
export function Value({ n, kind = 'number', digits, name }: { n: number | null | undefined; kind?: 'number' | 'money' | 'percent' | 'duration'; digits?: number; name?: string }) {
  const s = useSettings()
  const text = kind === 'money' ? s.money(n) : kind === 'percent' ? s.percent(n) : kind === 'duration' ? s.duration(n) : s.number(n, digits)
  const title = kind === 'money' ? exactMoney(n, s.currency, s.lang) : exact(n, s.lang)
  return <span class={n === 0 ? 'value zero' : 'value'} data-metric={name} data-value={n ?? ''} title={title === text ? undefined : title}>{text}</span>
}

/** One number of the strip on top of a page. A line shows how high it was or, of a number that only grows, how it grew. */
export function Figure({ label, children, note, line, grows }: { label: string; children: ComponentChildren; note?: ComponentChildren; line?: number[]; grows?: boolean }) {
  return (
    <div class="figure">
      <dt>{label}</dt>
      <dd>
        <span class="big">{children}</span>
        <span class="note">{note}</span>
      </dd>
      {line && <Spark values={line} grows={grows} />}
    </div>
  )
}

export const Figures = ({ children }: { children: ComponentChildren }) => <dl class="figures">{children}</dl>

/** A line without axes; its numbers are beside it. It stands on 0, or on the lowest value of a number that only grows. */
export function Spark({ values, width = 120, height = 28, grows }: { values: number[]; width?: number; height?: number; grows?: boolean }) {
  if (values.length < 2) return <svg class="spark" width={width} height={height} aria-hidden="true" />
  const low = grows ? Math.min(...values) : Math.min(...values, 0)
  // Room above, so that what stays as it is does not look like a limit.
  const span = (Math.max(...values) - low) * 1.2 || 1
  const points = values.map((v, i) => `${((i / (values.length - 1)) * width).toFixed(1)},${(height - 1.5 - ((v - low) / span) * (height - 3)).toFixed(1)}`)
  return (
    <svg class="spark" viewBox={`0 0 ${width} ${height}`} width={width} height={height} preserveAspectRatio="none" aria-hidden="true">
      <polygon points={`0,${height} ${points.join(' ')} ${width},${height}`} />
      <polyline points={points.join(' ')} />
    </svg>
  )
}

/** Short facts one after the other; a line breaks between them and not within. */
export const Facts = ({ of }: { of: ComponentChildren[] }) => <>{of.map((fact, i) => <><span class="fact">{fact}{i < of.length - 1 && ' ·'}</span>{' '}</>)}</>

export function Panel({ title, aside, wide, children, name }: { title: string; aside?: ComponentChildren; wide?: boolean; children: ComponentChildren; name?: string }) {
  return (
    <section class={wide ? 'panel wide' : 'panel'} aria-label={title} data-panel={name}>
      <header><h2>{title}</h2>{aside && <div class="aside">{aside}</div>}</header>
      {children}
    </section>
  )
}

export const Empty = ({ title, hint }: { title: string; hint?: string }) => <div class="empty"><p>{title}</p>{hint && <p class="hint">{hint}</p>}</div>

/** Instead of a page that cannot be shown. */
export function Trouble({ problem }: { problem: Problem | null }) {
  const { t } = useSettings()
  if (!problem) return <div class="trouble" role="status"><p class="hint">{t.loading} …</p></div>
  if (problem.status === 404) return <div class="trouble" role="status"><p>{t.notFound}</p><p class="hint">{t.notFoundHint}</p></div>
  return (
    <div class="trouble" role="alert">
      <p>{problem.status === 0 ? t.failed : t.refused}</p>
      <p class="hint">{problem.detail}{problem.detail && ' '}<code>{problem.code}</code> · {t.retrying} …</p>
    </div>
  )
}

/** Says how the data of a page stand: live, or as of when. */
export function LinkState({ link, asOf }: { link: Link; asOf: string | null | undefined }) {
  const { t, lang } = useSettings()
  const text = link === 'live' ? t.connected : link === 'lost' ? t.lost : t.connecting
  return (
    <span class={`link ${link}`} role="status" data-link={link}>
      <i aria-hidden="true" />{text}
      {asOf && <span class="asof">{link === 'live' ? t.asOf : t.stale} {timeSince(asOf, Date.now(), lang)}</span>}
    </span>
  )
}

export interface Column<T> {
  name: string
  head: string
  cell: (row: T) => ComponentChildren
  /** Numbers stand right. */
  right?: boolean
  /** Left out where there is little room. */
  minor?: boolean
  sort?: string
}

export function Table<T>({ columns, rows, id, caption, sort, onSort }: {
  columns: Column<T>[]; rows: T[]; id: (row: T) => string; caption: string; sort?: string; onSort?: (sort: string) => void
}) {
  const style = (c: Column<T>) => [c.right && 'right', c.minor && 'minor', c.name].filter(Boolean).join(' ')
  return (
    <div class="scroll">
      <table>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map(c => (
              <th key={c.name} scope="col" class={style(c)} aria-sort={c.sort && c.sort === sort ? 'descending' : undefined}>
                {c.sort && onSort ? <button class="sort" onClick={() => onSort(c.sort!)}>{c.head}<i aria-hidden="true">{c.sort === sort ? '↓' : ''}</i></button> : c.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(row => <tr key={id(row)} data-row={id(row)}>{columns.map(c => <td key={c.name} class={style(c)}>{c.cell(row)}</td>)}</tr>)}
        </tbody>
      </table>
    </div>
  )
}

/** A bar in proportion, with its words beside it. */
export function Bar({ share, negative }: { share: number; negative?: boolean }) {
  return <span class={negative ? 'bar negative' : 'bar'} aria-hidden="true"><i style={{ width: `${Math.min(100, Math.max(0, share * 100)).toFixed(1)}%` }} /></span>
}

/** Steps of distinct users, each with its share of the step before. */
export function FunnelSteps({ steps }: { steps: [string, number][] }) {
  const { t, percent } = useSettings()
  const high = Math.max(1, ...steps.map(([, n]) => n))
  return (
    <ol class="funnel">
      {steps.map(([label, n], i) => {
        const before = i > 0 ? steps[i - 1]![1] : 0
        return (
          <li key={label}>
            <span class="step">{label}</span>
            <Value n={n} name={`funnel.${i}`} />
            <span class="rate" title={t.ofBefore}>{i === 0 ? '' : percent(before > 0 ? n / before : null)}</span>
            <Bar share={n / high} />
          </li>
        )
      })}
    </ol>
  )
}

export function Pairs({ rows }: { rows: [string, ComponentChildren][] }) {
  return <dl class="pairs">{rows.map(([label, value]) => <div key={label}><dt>{label}</dt><dd>{value}</dd></div>)}</dl>
}

export const RoomLink = ({ room, title }: { room: string; title?: string | null }) => <a href={`#/room/${encodeURIComponent(room)}`}>{title || room}</a>
export const ItemLink = ({ kind, id, title }: { kind: string; id: string; title?: string | null }) => <a href={`#/${kind}/${encodeURIComponent(id)}`}>{title || id}</a>

/** A number once a second for the last two minutes, for its line. */
export function useHistory(value: number | null | undefined, most = 120): number[] {
  const [values, setValues] = useState<number[]>([])
  const now = useRef(value)
  now.current = value
  useEffect(() => {
    const timer = setInterval(() => {
      const next = now.current
      if (next != null) setValues(old => [...old, next].slice(-most))
    }, 1_000)
    return () => clearInterval(timer)
  }, [most])
  return values
}

export { fill }
