import { useEffect, useRef, useState } from 'preact/hooks'

/** Problem details of the server, or what the network said. */
export interface Problem { status: number; code: string; detail: string }

export interface Answer<T> {
  data: T | null
  /** Set while the last attempt failed; data are then old. */
  problem: Problem | null
}

/** How a stream stands. */
export type Link = 'connecting' | 'live' | 'lost'

export interface Live<T> extends Answer<T> { link: Link }

/** Asks once. Throws a Problem. */
export async function ask<T>(path: string, signal?: AbortSignal, text = false): Promise<T> {
  let response: Response
  try {
    response = await fetch(path, { signal, cache: 'no-store' })
  } catch (error) {
    if (signal?.aborted) throw error
    throw { status: 0, code: 'unreachable', detail: '' } satisfies Problem
  }
  if (response.ok) return (text ? await response.text() : await response.json()) as T
  throw await problemOf(response)
}

async function problemOf(response: Response): Promise<Problem> {
  const body = await response.json().catch(() => ({})) as Partial<Problem>
  return { status: response.status, code: body.code ?? String(response.status), detail: body.detail ?? '' }
}

/** Why a stream was refused, which an EventSource does not tell; null: it would be given now. */
async function refusalOf(path: string): Promise<Problem | null> {
  const stop = new AbortController()
  try {
    const response = await fetch(path, { signal: stop.signal, cache: 'no-store' })
    return response.ok ? null : await problemOf(response)
  } catch {
    return { status: 0, code: 'unreachable', detail: '' }
  } finally {
    stop.abort()
  }
}

/** Asks again and again, never twice at once; keeps the last answer when one fails. A null path asks nothing. */
export function usePoll<T>(path: string | null, everyMs: number, read: (path: string, signal: AbortSignal) => Promise<T> = ask): Answer<T> {
  const [answer, setAnswer] = useState<Answer<T> & { path: string | null }>({ data: null, problem: null, path })
  useEffect(() => {
    if (path === null) return
    const stop = new AbortController()
    let timer: ReturnType<typeof setTimeout>
    const run = async () => {
      let failed = false
      try {
        const data = await read(path, stop.signal)
        if (!stop.signal.aborted) setAnswer({ data, problem: null, path })
      } catch (error) {
        failed = true
        if (!stop.signal.aborted) setAnswer(old => ({ data: old.path === path ? old.data : null, problem: error as Problem, path }))
      }
      // A page that nobody sees asks seldom, and so does one that gets no answer.
      if (!stop.signal.aborted) timer = setTimeout(run, Math.max(everyMs, document.hidden ? 30_000 : failed ? 3_000 : 0))
    }
    void run()
    return () => { stop.abort(); clearTimeout(timer) }
  }, [path, everyMs])
  return answer.path === path ? answer : { data: null, problem: null }
}

type Json = Record<string, unknown>
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Applies a change: objects are merged, all other values replaced. */
export function merge(state: Json, change: Json): Json {
  const merged = { ...state }
  for (const [name, value] of Object.entries(change)) {
    const old = merged[name]
    merged[name] = isObject(old) && isObject(value) ? merge(old, value) : value
  }
  return merged
}

const SILENCE_MS = 25_000
const RETRY_MS = 1_500

/** Watches a stream: a snapshot, then changes; connects again for ever. The browser sends Last-Event-ID by itself. */
export function useLive<T>(path: string): Live<T> {
  const [live, setLive] = useState<Live<T> & { path: string }>({ data: null, problem: null, link: 'connecting', path })
  const state = useRef<Json>({})
  useEffect(() => {
    let source: EventSource | null = null
    let again: ReturnType<typeof setTimeout> | undefined
    let silence: ReturnType<typeof setTimeout> | undefined
    let over = false
    const heard = () => {
      clearTimeout(silence)
      // The server says something every ten seconds; after much longer the connection is dead, whatever the system thinks.
      silence = setTimeout(() => { source?.close(); lost() }, SILENCE_MS)
    }
    const lost = (problem: Problem | null = null) => {
      if (over) return
      setLive(old => ({ ...(old.path === path ? old : { data: null, path }), problem, link: 'lost' }))
      clearTimeout(again)
      again = setTimeout(connect, problem?.status === 404 ? 5 * RETRY_MS : RETRY_MS)
    }
    const show = (next: Json) => {
      state.current = next
      heard()
      setLive({ data: next as T, problem: null, link: 'live', path })
    }
    const connect = () => {
      if (over) return
      source = new EventSource(path)
      source.addEventListener('snapshot', e => show(JSON.parse((e as MessageEvent<string>).data) as Json))
      source.addEventListener('change', e => show(merge(state.current, JSON.parse((e as MessageEvent<string>).data) as Json)))
      source.addEventListener('heartbeat', heard)
      source.onopen = () => setLive(old => (old.path === path && old.data ? { ...old, problem: null, link: 'live' } : old))
      source.onerror = () => {
        if (over) return
        // The browser connects again by itself, except after an answer that is no stream.
        if (source?.readyState !== EventSource.CLOSED) {
          setLive(old => ({ ...(old.path === path ? old : { data: null, path }), problem: null, link: 'lost' }))
          return
        }
        void refusalOf(path).then(lost)
      }
      heard()
    }
    // A browser opens six connections to a server: pages that nobody sees must not keep them.
    const look = () => {
      clearTimeout(again)
      clearTimeout(silence)
      source?.close()
      if (!document.hidden) connect()
    }
    document.addEventListener('visibilitychange', look)
    connect()
    return () => { over = true; document.removeEventListener('visibilitychange', look); source?.close(); clearTimeout(again); clearTimeout(silence) }
  }, [path])
  return live.path === path ? live : { data: null, problem: null, link: 'connecting' }
}

export interface Counted { count: number; users?: number; amount?: number }
export interface Funnel { impressions: Counted; clicks: Counted; carts: Counted; orders: Counted; pays: Counted; refunds: Counted }
export interface RoomRow {
  room: string; title: string | null; host: string | null; category: string | null; live: boolean; startedAt: string | null; heat: number; online: number
  peakOnline: number; views: number; viewers: number; interactions: number; gifts: number; giftAmount: number; gmv: number
}
export interface RoomPage { rooms: RoomRow[]; total: number; next: string | null; asOf: string }
export interface Overview {
  events: number; eventsPerSecond: number; rooms: number; roomsLive: number; users: number; online: number; views: number; gmv: number; interactions: number
  funnel: Funnel; gifts: Counted; rates: { enter: number | null; productClick: number | null; conversion: number | null }; topRooms: RoomRow[]; asOf: string
}
export interface RoomWindow {
  views: number; likes: Counted; comments: Counted; shares: Counted; follows: Counted; gifts: Counted; interactions: number; products: Funnel; gmv: number; peakOnline: number
}
export interface Room {
  room: string; title: string | null; host: string | null; category: string | null; tags: string[]; live: boolean; startedAt: string | null; endedAt: string | null
  online: number; peakOnline: number; averageOnline: number | null; impressions: Counted; views: number; viewers: number; watchSeconds: number; watchSecondsPerViewer: number | null
  likes: Counted; comments: Counted; shares: Counted; follows: Counted; subscribes: Counted; dislikes: Counted; reports: Counted; gifts: Counted
  interactions: number; interactionUsers: number; engagement: number | null; products: Funnel; gmv: number; refundAmount: number; netGmv: number
  rates: Record<'enter' | 'interaction' | 'follow' | 'negative' | 'productClick' | 'clickToPay' | 'viewToPay' | 'orderToPay' | 'conversion', number | null>
  gpm: number | null; uvValue: number | null; averageOrder: number | null; perBuyer: number | null; windows: Record<string, RoomWindow>; heat: number
  channels: Record<string, { views: number; viewers: number; gmv: number }>; late: number; approximate: boolean; asOf: string
}
/** Percentiles, 0 to 1, of a room's last ten minutes among those of the rooms on air. */
export interface Standing { rooms: number; total: number; percentiles: Record<string, number | null> }
export interface Series { metric: string; step: number; points: [number, number][] }
export interface Part {
  room: string; product?: string; video?: string; title: string | null; impressions: number; clicks: number; carts: number; orders: Counted; pays: Counted; gmv: number; netGmv: number
}
export interface ItemWindow { impressions: Counted; clicks: Counted; carts: Counted; orders: Counted; pays: Counted; plays: Counted; gmv: number }
export interface Item extends ItemWindow {
  title: string | null; host: string | null; category: string | null; tags: string[]; price: number | null; stock: number | null; status: string | null
  likes: Counted; comments: Counted; shares: Counted; dislikes: Counted; watchSeconds: number; refunds: Counted; refundAmount: number; netGmv: number
  rates: { productClick: number | null; clickToPay: number | null; orderToPay: number | null; negative: number | null }; averageOrder: number | null; perBuyer: number | null
  windows: Record<string, ItemWindow>; rooms: Part[]; approximate: boolean; asOf: string
}
export interface InterestShare { name: string; weight: number }
export interface Profile {
  user: string; attrs: Record<string, string>; counts: Record<string, number>; spend: { paid: number; gifted: number; refunded: number }; watchSeconds: number; watching: string[]
  recent: { type: string; room: string | null; product: string | null; video: string | null; time: string }[]
  interest: { categories: InterestShare[]; tags: InterestShare[]; hosts: InterestShare[]; items: number }; asOf: string
}
export interface Recommendation {
  kind: string; id: string; title: string | null; host: string | null; category: string | null; score: number; probability: number
  explain?: { sources: string[]; match: number; objectives: { name: string; probability: number; weight: number }[]; terms: { name: string; value: number; watch: number; interact: number; pay: number }[]; rules: string[] }
}
export interface Recommendations { items: Recommendation[]; candidates: number; asOf: string }
export interface TrafficRule { rule: string; reason: string; delivered: number; running: number; kept: number; missed: number; behind: number; costPerThousand: number | null }
export interface Traffic { version: number; impressionsPerSecond: number; rules: TrafficRule[] }
export interface TailEvent { number: number; type: string; time: string; room?: string; product?: string; video?: string; count: number; amount?: number; currency?: string; channel?: string }
export interface Tail { events: TailEvent[]; asOf: string }

/** Samples of /metrics by family; each has its labels. */
export type Metrics = Map<string, { labels: Record<string, string>; value: number }[]>

/** Reads Prometheus text. */
export function parseMetrics(text: string): Metrics {
  const metrics: Metrics = new Map()
  for (const line of text.split('\n')) {
    const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line)
    if (!match) continue
    const labels: Record<string, string> = {}
    for (const [, name, value] of (match[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) labels[name!] = value!.replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c))
    const value = match[3] === '+Inf' ? Infinity : Number(match[3])
    const family = metrics.get(match[1]!)
    if (family) family.push({ labels, value })
    else metrics.set(match[1]!, [{ labels, value }])
  }
  return metrics
}

export const sum = (metrics: Metrics | null | undefined, name: string, where: Record<string, string> = {}) =>
  metrics?.get(name)?.filter(s => Object.entries(where).every(([k, v]) => s.labels[k] === v)).reduce((a, s) => a + s.value, 0) ?? null

export const readMetrics = async (path: string, signal: AbortSignal) => ({ at: performance.now(), metrics: parseMetrics(await ask<string>(path, signal, true)) })
