import { useMemo, useRef, useState } from 'preact/hooks'
import { ask, readMetrics, sum, useLive, usePoll, type Overview, type RoomPage, type RoomRow, type Series, type Tail, type TailEvent, type Traffic } from '../api'
import { exactMoney, short, timeSince } from '../format'
import { channelName, trafficRule, typeName } from '../i18n'
import { Empty, Facts, Figure, Figures, fill, ItemLink, LinkState, Panel, RoomLink, Spark, Table, Trouble, useHistory, Value, type Column } from '../parts'
import { useSettings } from '../settings'

const SPARK_MINUTES = 30
const ROWS = 20
const SORTS = ['heat', 'online', 'views', 'viewers', 'gmv', 'interactions', 'startedAt'] as const
type Sort = (typeof SORTS)[number]

/** Online of the rooms in view, a value a minute. */
async function readSparks(path: string, signal: AbortSignal): Promise<Map<string, number[]>> {
  const rooms = path.split(' ').slice(1)
  const all = await Promise.all(rooms.map(async room => {
    const { points } = await ask<Series>(`/v1/rooms/${room}/series?metric=online&step=60`, signal)
    return [room, points.slice(-SPARK_MINUTES).map(p => p[1])] as const
  }))
  return new Map(all)
}

function Rooms({ overview }: { overview: Overview }) {
  const { t, lang } = useSettings()
  const [sort, setSort] = useState<Sort>('heat')
  const { data } = usePoll<RoomPage>(`/v1/rooms?live=true&sort=${sort}&limit=${ROWS}`, 2_000)
  const ids = (data?.rooms ?? []).map(r => encodeURIComponent(r.room))
  const sparks = usePoll(ids.length ? ['sparks', ...[...ids].sort()].join(' ') : null, 30_000, readSparks).data
  // The list is asked for every two seconds; the hottest rooms are pushed four times a second.
  const pushed = new Map(overview.topRooms.map(r => [r.room, r]))
  const rows = (data?.rooms ?? (sort === 'heat' ? overview.topRooms : [])).map(r => pushed.get(r.room) ?? r)
  if (sort !== 'startedAt') rows.sort((a, b) => b[sort] - a[sort])
  const columns: Column<RoomRow>[] = [
    { name: 'title', head: t.room, cell: r => <><RoomLink room={r.room} title={r.title} /><span class="sub">{[r.host, r.category].filter(Boolean).join(' · ') || r.room}</span></> },
    { name: 'trend', head: t.trend, minor: true, cell: r => <Spark values={[...(sparks?.get(encodeURIComponent(r.room)) ?? []), r.online]} width={96} height={24} /> },
    { name: 'online', head: t.online, right: true, sort: 'online', cell: r => <Value n={r.online} name="online" /> },
    { name: 'peak', head: t.peak, right: true, minor: true, cell: r => <Value n={r.peakOnline} /> },
    { name: 'views', head: t.views, right: true, minor: true, sort: 'views', cell: r => <Value n={r.views} name="views" /> },
    { name: 'interactions', head: t.interactions, right: true, minor: true, sort: 'interactions', cell: r => <Value n={r.interactions} name="interactions" /> },
    { name: 'gifts', head: t.giftAmount, right: true, minor: true, cell: r => <Value n={r.giftAmount} kind="money" name="giftAmount" /> },
    { name: 'gmv', head: t.gmv, right: true, sort: 'gmv', cell: r => <Value n={r.gmv} kind="money" name="gmv" /> },
    { name: 'heat', head: t.heat, right: true, sort: 'heat', cell: r => <Value n={r.heat} digits={1} name="heat" /> },
    { name: 'started', head: t.startedAt, right: true, minor: true, sort: 'startedAt', cell: r => timeSince(r.startedAt, overview.asOf, lang, false) },
  ]
  if (overview.roomsLive === 0) return <Panel title={t.rooms} name="rooms"><Empty title={t.noRooms} hint={t.noRoomsHint} /></Panel>
  return (
    <Panel title={t.rooms} name="rooms" aside={
      <label class="inline">{t.sortBy}{' '}
        <select value={sort} onChange={e => setSort(e.currentTarget.value as Sort)} data-sort>
          {SORTS.map(k => <option key={k} value={k}>{t[k]}</option>)}
        </select>
      </label>}>
      <Table columns={columns} rows={rows} id={r => r.room} caption={t.rooms} sort={sort} onSort={name => setSort(name as Sort)} />
    </Panel>
  )
}

function EventTail() {
  const { t, lang, currency, time, money, number } = useSettings()
  const { data, problem } = useLive<Tail>('/v1/events/live')
  const [filter, setFilter] = useState('')
  const [frozen, setFrozen] = useState<TailEvent[] | null>(null)
  const kept = useRef<TailEvent[]>([])
  useMemo(() => {
    if (!data) return
    const last = kept.current.at(-1)?.number ?? 0
    const newest = data.events.at(-1)?.number ?? 0
    // Numbers begin anew with a restart of the server.
    kept.current = newest < last ? data.events : [...kept.current, ...data.events.filter(e => e.number > last)].slice(-400)
  }, [data])
  const all = frozen ?? kept.current
  const needle = filter.trim().toLowerCase()
  const shown = all.filter(e => !needle || e.type.includes(needle) || typeName(e.type, lang).includes(needle) || (e.room ?? '').toLowerCase().includes(needle)).slice(-24).reverse()
  const fresh = frozen ? kept.current.filter(e => e.number > (frozen.at(-1)?.number ?? 0)).length : 0
  const what = (e: TailEvent) => [
    e.amount != null ? (e.currency && e.currency !== currency ? exactMoney(e.amount, e.currency, lang) : money(e.amount)) : null,
    e.count > 1 ? `×${number(e.count)}` : null, e.channel ? channelName(e.channel, lang) : null].filter(Boolean).join(' · ')
  return (
    <Panel title={t.tail} name="tail" aside={<>
      <input type="search" class="filter" value={filter} onInput={e => setFilter(e.currentTarget.value)} placeholder={t.filter} aria-label={t.filterHint} />
      <button aria-pressed={frozen !== null} onClick={() => setFrozen(frozen ? null : [...kept.current])}>{frozen ? t.resume : t.pause}</button></>}>
      {problem && !data ? <Trouble problem={problem} /> : shown.length === 0 ? <Empty title={all.length ? t.noMatch : t.noEvents} /> : (
        <ul class="tail" aria-label={t.tail}>
          {shown.map(e => (
            <li key={e.number} data-event={e.type}>
              <time>{time(e.time)}</time>
              <span class="type">{typeName(e.type, lang)}</span>
              <span class="where">{e.room ? <RoomLink room={e.room} /> : null}{e.product ? <ItemLink kind="product" id={e.product} /> : e.video ? <ItemLink kind="video" id={e.video} /> : null}</span>
              <span class="what">{what(e)}</span>
            </li>
          ))}
        </ul>
      )}
      <p class="hint foot">{frozen ? fill(t.paused, fresh) : t.tailHint}</p>
    </Panel>
  )
}

/** What the policy of traffic promised and what became of it; nothing where there is none. */
function TrafficPanel() {
  const { t, lang, number } = useSettings()
  const { data } = usePoll<Traffic>('/v1/traffic', 5_000)
  if (!data || data.version === 0) return null
  return (
    <Panel title={t.traffic} name="traffic" wide aside={<span class="hint">{fill(t.policy, data.version)} · {fill(t.impressionsPerSecond, number(data.impressionsPerSecond, 1))}</span>}>
      <Table caption={t.traffic} rows={data.rules.map((rule, i) => ({ ...rule, i }))} id={r => String(r.i)} columns={[
        { name: 'title', head: t.rule, cell: r => <>{trafficRule(r.rule, lang)}<span class="sub">{r.reason}</span></> },
        { name: 'delivered', head: t.delivered, right: true, cell: r => <Value n={r.delivered} name="delivered" /> },
        { name: 'running', head: t.running, right: true, cell: r => <Value n={r.running} /> },
        { name: 'kept', head: t.kept, right: true, minor: true, cell: r => <Value n={r.kept} /> },
        { name: 'missed', head: t.missed, right: true, cell: r => <Value n={r.missed} /> },
        { name: 'behind', head: t.behind, right: true, cell: r => <Value n={Math.round(r.behind)} /> },
        { name: 'cost', head: t.costPerThousand, right: true, minor: true, cell: r => <Value n={r.costPerThousand} digits={1} /> }]} />
    </Panel>
  )
}

export function LivePage() {
  const { t, lang, number, percent } = useSettings()
  const { data, problem, link } = useLive<Overview>('/v1/overview/live')
  const engine = usePoll('/metrics', 2_000, readMetrics).data?.metrics
  const rate = useHistory(data?.eventsPerSecond)
  const online = useHistory(data?.online)
  const rooms = useHistory(data?.roomsLive)
  const gifts = useHistory(data?.gifts.amount)
  const gmv = useHistory(data?.gmv)
  // Without a directory nothing is written, and nothing lags; 0 says that nothing was written yet.
  const durable = !engine || (sum(engine, 'livegrains_log_bytes') ?? 0) > 0
  const lag = engine && durable ? Math.max(0, ...(engine.get('livegrains_log_last_sync_seconds') ?? []).map(s => s.value)) || null : null
  const refused = engine ? sum(engine, 'livegrains_events_rejected_total') ?? 0 : null
  const lags = useHistory(lag)
  const refusals = useHistory(refused)
  if (!data) return <Trouble problem={problem} />
  const worst = [...(engine?.get('livegrains_events_rejected_total') ?? [])].sort((a, b) => b.value - a.value)[0]
  return (
    <div class={link === 'live' ? 'page' : 'page stale'}>
      <div class="heading"><h1>{t.live}</h1><LinkState link={link} asOf={data.asOf} /></div>
      <Figures>
        <Figure label={t.eventsPerSecond} line={rate} note={fill(t.inAll, number(data.events))}><Value n={data.eventsPerSecond} digits={1} name="eventsPerSecond" /></Figure>
        <Figure label={t.online} line={online} note={fill(t.viewsInAll, number(data.views))}><Value n={data.online} name="online" /></Figure>
        <Figure label={t.roomsLive} line={rooms} note={fill(t.ofRooms, number(data.rooms))}><Value n={data.roomsLive} name="roomsLive" /></Figure>
        <Figure label={t.giftAmount} line={gifts} grows note={<>{t.gifts} {number(data.gifts.count)}</>}><Value n={data.gifts.amount} kind="money" name="gifts" /></Figure>
        <Figure label={t.gmv} line={gmv} grows note={<Facts of={[fill(t.paid, number(data.funnel.pays.count)), `${t.conversion} ${percent(data.rates.conversion)}`]} />}><Value n={data.gmv} kind="money" name="gmv" /></Figure>
        <Figure label={t.lag} line={lags} note={durable ? <>{t.queue} {number(sum(engine, 'livegrains_queue_blocks'))}</> : t.inMemory}><span data-metric="lag">{short(lag, lang)}</span></Figure>
        <Figure label={t.refusals} line={refusals} grows note={worst ? <code>{worst.labels.code}</code> : t.sinceStart}><Value n={refused} name="refused" /></Figure>
      </Figures>
      <div class="columns live">
        <Rooms overview={data} />
        <EventTail />
        <TrafficPanel />
      </div>
    </div>
  )
}
