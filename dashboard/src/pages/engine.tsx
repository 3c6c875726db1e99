import { useEffect, useRef, useState } from 'preact/hooks'
import { readMetrics, sum, usePoll, type Metrics } from '../api'
import { bytes, exact, short } from '../format'
import { Empty, Facts, Figure, Figures, fill, LinkState, Panel, Table, Trouble, useHistory, Value } from '../parts'
import { stateName } from '../i18n'
import { useSettings } from '../settings'

const REQUESTS = 'http_server_request_duration_seconds'

interface Sample { at: number; metrics: Metrics }

/** A percentile of what was counted between two scrapes, from the buckets of a histogram; the upper bound of its bucket. */
function quantile(now: Metrics, before: Metrics | undefined, route: string, q: number): number | null {
  // Of all methods and statuses.
  const buckets = (m: Metrics | undefined) => {
    const sums = new Map<string, number>()
    for (const s of m?.get(`${REQUESTS}_bucket`) ?? []) if (s.labels.http_route === route) sums.set(s.labels.le!, (sums.get(s.labels.le!) ?? 0) + s.value)
    return sums
  }
  const old = buckets(before)
  const counts = [...buckets(now)].map(([le, n]) => [le === '+Inf' ? Infinity : Number(le), n - (old.get(le) ?? 0)] as const)
  const total = counts.at(-1)?.[1] ?? 0
  if (total <= 0) return null
  const bound = counts.find(([, n]) => n >= q * total)?.[0]
  return bound === undefined || bound === Infinity ? counts.at(-2)?.[0] ?? null : bound
}

const highest = (metrics: Metrics, name: string) => Math.max(0, ...(metrics.get(name) ?? []).map(s => s.value))

export function EnginePage() {
  const { t, lang, number, percent, duration } = useSettings()
  const { data: sample, problem } = usePoll<Sample>('/metrics', 2_000, readMetrics)
  const last = useRef<Sample[]>([])
  const [earlier, setEarlier] = useState<Sample | null>(null)
  useEffect(() => {
    if (!sample) return
    // Rates are of the last ten seconds.
    const restarted = last.current.length > 0 && (sum(sample.metrics, 'process_start_time_seconds') ?? 0) > (sum(last.current[0]!.metrics, 'process_start_time_seconds') ?? 0)
    last.current = restarted ? [sample] : [...last.current, sample].slice(-6)
    setEarlier(last.current.length > 1 ? last.current[0]! : null)
  }, [sample])
  const m = sample?.metrics
  const rate = (name: string, where: Record<string, string> = {}) => {
    if (!sample || !earlier || earlier === sample) return null
    const now = sum(sample.metrics, name, where), then = sum(earlier.metrics, name, where)
    return now === null ? null : (now - (then ?? 0)) / ((sample.at - earlier.at) / 1000)
  }
  const perSecond = rate('livegrains_events_total', { outcome: 'accepted' })
  const rates = useHistory(perSecond)
  const memory = useHistory(sum(m, 'process_resident_memory_bytes'))
  const syncs = useHistory(m && highest(m, 'livegrains_log_last_sync_seconds'))
  const snapshots = useHistory(sum(m, 'livegrains_snapshots_total'))
  const queued = useHistory(sum(m, 'livegrains_queue_bytes'))
  const ids = useHistory(sum(m, 'livegrains_dedupe_window_ids'))
  const subscribers = useHistory(sum(m, 'livegrains_push_subscribers'))
  if (!sample || !m) return <Trouble problem={problem} />
  const shards = (m.get('livegrains_log_bytes') ?? []).map(s => s.labels.shard!)
  const durable = (sum(m, 'livegrains_log_bytes') ?? 0) > 0
  const state = m.get('livegrains_engine_state')?.find(s => s.value === 1)?.labels.state ?? '–'
  const frames = rate('livegrains_log_frames_total')
  const sync = rate('livegrains_log_sync_seconds_total')
  const codes = [
    ...(m.get('livegrains_events_rejected_total') ?? []).map(s => ({ what: t.events, code: s.labels.code!, n: s.value })),
    ...(m.get('livegrains_http_problems_total') ?? []).map(s => ({ what: t.requests, code: s.labels.code!, n: s.value })),
  ].filter(c => c.n > 0).sort((a, b) => b.n - a.n)
  const routes = [...new Set((m.get(`${REQUESTS}_count`) ?? []).map(s => s.labels.http_route!))]
    // A stream's duration is how long somebody watched.
    .filter(route => !route.endsWith('/live') || route.startsWith('/healthz'))
    .map(route => ({ route, perSecond: rate(`${REQUESTS}_count`, { http_route: route }), total: sum(m, `${REQUESTS}_count`, { http_route: route }) ?? 0, p50: quantile(m, earlier?.metrics, route, 0.5), p99: quantile(m, earlier?.metrics, route, 0.99) }))
    .sort((a, b) => (b.perSecond ?? 0) - (a.perSecond ?? 0) || b.total - a.total)
  const started = sum(m, 'process_start_time_seconds')
  const of = (name: string, shard: string) => sum(m, name, { shard })
  const rows = shards.map(shard => ({
    shard, accepted: sum(m, 'livegrains_events_total', { shard, outcome: 'accepted' }), rate: rate('livegrains_events_total', { shard, outcome: 'accepted' }),
    duplicates: sum(m, 'livegrains_events_total', { shard, outcome: 'duplicate' }), late: of('livegrains_events_late_total', shard),
    fold: rate('livegrains_fold_seconds_total', { shard }), users: of('livegrains_users', shard), rooms: of('livegrains_rooms', shard), tables: of('livegrains_table_bytes', shard),
    queue: of('livegrains_queue_bytes', shard), log: of('livegrains_log_bytes', shard), sync: of('livegrains_log_last_sync_seconds', shard),
  }))
  return (
    <div class={problem ? 'page stale' : 'page'}>
      <div class="heading">
        <div><h1>{t.engine}</h1><p class="sub"><span class={state === 'ready' ? 'air' : 'air off'}>{stateName(state, lang)}</span>{started !== null && <>{t.uptime} {duration(Date.now() / 1000 - started)} · {t.recovered} {short(highest(m, 'livegrains_recovery_seconds'), lang)}</>}</p></div>
        <LinkState link={problem ? 'lost' : 'live'} asOf={new Date((sum(m, 'livegrains_clock_timestamp_seconds') ?? 0) * 1000).toISOString()} />
      </div>
      <Figures>
        <Figure label={t.throughput} line={rates} note={fill(t.inAll, number(sum(m, 'livegrains_events_total', { outcome: 'accepted' })))}><Value n={perSecond} digits={1} name="throughput" /></Figure>
        <Figure label={t.lastSync} line={durable ? syncs : []} note={durable ? <Facts of={[`${t.log} ${bytes(sum(m, 'livegrains_log_bytes'), lang)}`, `${t.mean} ${frames ? short((sync ?? 0) / frames, lang) : '–'}`]} /> : t.inMemory}>{short((durable && highest(m, 'livegrains_log_last_sync_seconds')) || null, lang)}</Figure>
        <Figure label={t.snapshots} line={snapshots} grows note={<>{t.lastSnapshot} {short(highest(m, 'livegrains_snapshot_last_seconds') || null, lang)}</>}><Value n={sum(m, 'livegrains_snapshots_total')} name="snapshots" /></Figure>
        <Figure label={t.memory} line={memory} note={<>{t.tables} {bytes(sum(m, 'livegrains_table_bytes'), lang)}</>}>{bytes(sum(m, 'process_resident_memory_bytes'), lang)}</Figure>
        <Figure label={t.queued} line={queued} note={fill(t.blocks, number(sum(m, 'livegrains_queue_blocks')))}>{bytes(sum(m, 'livegrains_queue_bytes'), lang)}</Figure>
        <Figure label={t.dedupe} line={ids} note={bytes(sum(m, 'livegrains_dedupe_window_bytes'), lang)}><Value n={sum(m, 'livegrains_dedupe_window_ids')} name="dedupe" /></Figure>
        <Figure label={t.subscribers} line={subscribers} note={fill(t.watched, number(sum(m, 'livegrains_push_topics')))}><Value n={sum(m, 'livegrains_push_subscribers')} name="subscribers" /></Figure>
      </Figures>
      <div class="columns">
        <Panel title={t.shards} wide name="shards">
          <Table caption={t.shards} rows={rows} id={r => r.shard} columns={[
            { name: 'shard', head: t.shard, cell: r => r.shard },
            { name: 'rate', head: t.throughput, right: true, cell: r => number(r.rate, 1) },
            { name: 'accepted', head: t.accepted, right: true, cell: r => <Value n={r.accepted} name="accepted" /> },
            { name: 'duplicates', head: t.duplicates, right: true, minor: true, cell: r => <Value n={r.duplicates} /> },
            { name: 'late', head: t.late, right: true, minor: true, cell: r => <Value n={r.late} /> },
            { name: 'fold', head: t.foldTime, right: true, minor: true, cell: r => percent(r.fold) },
            { name: 'rooms', head: t.inRooms, right: true, minor: true, cell: r => <Value n={r.rooms} /> },
            { name: 'users', head: t.users, right: true, cell: r => <Value n={r.users} /> },
            { name: 'tables', head: t.tables, right: true, minor: true, cell: r => bytes(r.tables, lang) },
            { name: 'queue', head: t.queued, right: true, minor: true, cell: r => bytes(r.queue, lang) },
            { name: 'log', head: t.log, right: true, cell: r => bytes(r.log, lang) },
            { name: 'sync', head: t.lastSync, right: true, minor: true, cell: r => short(r.sync || null, lang) }]} />
        </Panel>
        <Panel title={t.refusalsByCode} name="refusals">
          {codes.length === 0 ? <Empty title={t.noRefusals} /> : (
            <Table caption={t.refusalsByCode} rows={codes} id={c => c.what + c.code} columns={[
              { name: 'code', head: t.code, cell: c => <code>{c.code}</code> },
              { name: 'what', head: t.kind, cell: c => c.what },
              { name: 'n', head: t.count, right: true, cell: c => <Value n={c.n} name={`refused.${c.code}`} /> }]} />
          )}
        </Panel>
        <Panel title={t.routes} name="routes" aside={earlier ? undefined : <span class="hint">{t.collecting}</span>}>
          <Table caption={t.routes} rows={routes} id={r => r.route} columns={[
            { name: 'route', head: t.route, cell: r => <code>{r.route.split(/(?<=\/)/).map(part => <>{part}<wbr /></>)}</code> },
            { name: 'rate', head: t.perSecond, right: true, cell: r => number(r.perSecond, 1) },
            { name: 'total', head: t.total, right: true, minor: true, cell: r => exact(r.total, lang) },
            { name: 'p50', head: `${t.p50} ≤`, right: true, cell: r => short(r.p50, lang) },
            { name: 'p99', head: `${t.p99} ≤`, right: true, cell: r => short(r.p99, lang) }]} />
        </Panel>
      </div>
    </div>
  )
}
