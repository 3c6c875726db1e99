import { useMemo } from 'preact/hooks'
import { ask, useLive, usePoll, type Part, type Room, type Series, type Standing } from '../api'
import { Chart, type Mark } from '../chart'
import { exact, moment, trim } from '../format'
import { channelName } from '../i18n'
import { Bar, Empty, Facts, Figure, Figures, fill, FunnelSteps, ItemLink, LinkState, Pairs, Panel, Table, Trouble, Value } from '../parts'
import { useSettings } from '../settings'

const STEPS = [10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 86400]
const MOST_POINTS = 240

interface Curves<M extends string> { step: number; times: number[]; of: Record<M, number[]> }

/** Series of a room with one step. A path is the room, the step, when it begins (0: with its first count), then the metrics. */
async function readCurves<M extends string>(path: string, signal: AbortSignal): Promise<Curves<M>> {
  const [room, step, from, ...metrics] = path.split(' ') as [string, string, string, ...M[]]
  const since = from === '0' ? '' : `&from=${from}`
  const all = await Promise.all(metrics.map(m => ask<Series>(`/v1/rooms/${room}/series?metric=${m}&step=${step}${since}`, signal)))
  // Asked one after the other, some may have a point more than others.
  const length = Math.min(...all.map(s => s.points.length), 5_000)
  return { step: Number(step), times: all[0]!.points.slice(0, length).map(p => p[0]), of: Object.fromEntries(metrics.map((m, i) => [m, all[i]!.points.slice(0, length).map(p => p[1])])) as Record<M, number[]> }
}

type Moments = 'online' | 'views' | 'gifts' | 'products.pays'
type Rates = 'comments' | 'likes' | 'follows' | 'gifts.amount' | 'gmv'

const BEFORE = ['views', 'interactions', 'comments', 'likes', 'follows', 'gifts.amount', 'products.clicks', 'products.pays', 'gmv', 'peakOnline'] as const

/** The ten minutes before the last ten: windows of the API are buckets of 10 s, the last of them holds the clock. */
async function readBefore(path: string, signal: AbortSignal): Promise<Record<string, number>> {
  const room = path.split(' ')[1]!
  const { asOf } = await ask<Room>(`/v1/rooms/${room}`, signal)
  const end = (Math.floor(Date.parse(asOf) / 10_000) - 59) * 10_000
  const sums = await Promise.all(BEFORE.map(async m => {
    const { points } = await ask<Series>(`/v1/rooms/${room}/series?metric=${m}&step=10&from=${Math.max(0, end - 600_000)}&to=${Math.max(0, end)}`, signal)
    const values = points.map(p => p[1])
    return [m, m === 'peakOnline' ? Math.max(0, ...values) : values.reduce((a, b) => a + b, 0)] as const
  }))
  return Object.fromEntries(sums)
}

function Compare({ room }: { room: Room }) {
  const { t, lang, percent } = useSettings()
  // What a room did before it went on air is no measure.
  const onAir = room.startedAt ? Date.parse(room.asOf) - Date.parse(room.startedAt) : Infinity
  const hadBefore = onAir >= 1_200_000
  const before = usePoll(onAir > 600_000 ? `before ${encodeURIComponent(room.room)}` : null, 10_000, readBefore).data
  const standing = usePoll<Standing>(room.live ? `/v1/rooms/${encodeURIComponent(room.room)}/standing` : null, 10_000).data
  const now = room.windows['10m']!
  const rows: { name: (typeof BEFORE)[number]; head: string; now: number; money?: boolean }[] = [
    { name: 'peakOnline', head: t.peakOnline, now: now.peakOnline },
    { name: 'views', head: t.views, now: now.views },
    { name: 'interactions', head: t.interactions, now: now.interactions },
    { name: 'comments', head: t.comments, now: now.comments.count },
    { name: 'likes', head: t.likes, now: now.likes.count },
    { name: 'follows', head: t.follows, now: now.follows.count },
    { name: 'gifts.amount', head: t.giftAmount, now: now.gifts.amount ?? 0, money: true },
    { name: 'products.clicks', head: t.fClick, now: now.products.clicks.count },
    { name: 'products.pays', head: t.pays, now: now.products.pays.count },
    { name: 'gmv', head: t.gmv, now: now.gmv, money: true },
  ]
  const change = (r: (typeof rows)[number]) => {
    const old = hadBefore ? before?.[r.name] : undefined
    if (old === undefined || (old === 0 && r.now === 0)) return <span class="muted">–</span>
    if (old === 0) return <span class="up">▲ {t.fresh}</span>
    const ratio = r.now / old - 1
    return <span class={ratio > 0 ? 'up' : ratio < 0 ? 'down' : 'muted'}>{ratio > 0 ? '▲ ' : ratio < 0 ? '▼ ' : ''}{percent(Math.abs(ratio))}</span>
  }
  return (
    <Panel title={t.compare} name="compare">
      <Table caption={t.compare} rows={rows} id={r => r.name} columns={[
        { name: 'metric', head: t.metric, cell: r => r.head },
        { name: 'now', head: t.now10, right: true, cell: r => <Value n={r.now} kind={r.money ? 'money' : 'number'} /> },
        { name: 'before', head: t.before10, right: true, minor: true, cell: r => <Value n={before?.[r.name]} kind={r.money ? 'money' : 'number'} /> },
        { name: 'change', head: t.change, right: true, cell: change },
        { name: 'rank', head: t.percentile, right: true, cell: r => { const rank = standing?.percentiles[r.name]; return rank == null ? <span class="muted">–</span> : exact(Math.round(rank * 100), lang) } },
      ]} />
      {!hadBefore && <p class="hint foot">{t.notOnAir}</p>}
      {standing && room.live && <p class="hint foot">{standing.rooms < 2 ? t.percentileAlone : fill(standing.total > standing.rooms ? t.percentileHintMany : t.percentileHint, exact(standing.rooms, lang))}</p>}
    </Panel>
  )
}

function milestones(curves: Curves<Moments>, room: Room, t: ReturnType<typeof useSettings>['t'], number: (n: number) => string): Mark[] {
  const marks: Mark[] = []
  if (room.startedAt) marks.push({ at: Date.parse(room.startedAt), label: t.mStart })
  const first = (values: number[]) => curves.times[values.findIndex(v => v > 0)]
  const gift = first(curves.of.gifts)
  // A bucket may begin before the broadcast.
  const start = room.startedAt ? Date.parse(room.startedAt) : 0
  if (gift !== undefined) marks.push({ at: Math.max(start, gift), label: t.mGift })
  const pay = first(curves.of['products.pays'])
  if (pay !== undefined) marks.push({ at: Math.max(start, pay), label: t.mPay })
  const high = Math.max(0, ...curves.of.online)
  if (high > 0) marks.push({ at: curves.times[curves.of.online.indexOf(high)]!, label: fill(t.mPeak, number(high)) })
  let views = 0
  const levels = [100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000]
  curves.times.forEach((at, i) => {
    views += curves.of.views[i]!
    while (levels.length && views >= levels[0]!) {
      const level = levels.shift()!
      if (level * 50 >= room.views) marks.push({ at, label: fill(t.mViews, trim(number(level))) })
    }
  })
  if (room.endedAt) marks.push({ at: Date.parse(room.endedAt), label: t.mEnd })
  return marks.sort((a, b) => a.at - b.at)
}

/** This browser's offset from UTC, for a page that has no script to ask: +08:00. */
function offset(): string {
  const minutes = -new Date().getTimezoneOffset()
  const two = (n: number) => String(Math.floor(n)).padStart(2, '0')
  return encodeURIComponent(`${minutes < 0 ? '-' : '+'}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`)
}

export function RoomPage({ room: id }: { room: string }) {
  const { t, lang, number, percent, duration } = useSettings()
  const path = encodeURIComponent(id)
  const { data: room, problem, link } = useLive<Room>(`/v1/rooms/${path}/live`)
  const begun = room ? Date.parse(room.startedAt ?? room.asOf) : 0
  const seconds = room ? (Date.parse(room.endedAt ?? room.asOf) - begun) / 1000 : 0
  const step = STEPS.find(s => seconds / s <= MOST_POINTS) ?? 86_400
  const from = room?.startedAt ? Date.parse(room.startedAt) : 0
  const curves = usePoll<Curves<Moments>>(room ? `${path} ${step} ${from} online views gifts products.pays` : null, 10_000, readCurves).data
  // What is told per minute is counted for a minute at least.
  const perMinute = usePoll<Curves<Rates>>(room ? `${path} ${Math.max(60, step)} ${from} comments likes follows gifts.amount gmv` : null, 10_000, readCurves).data
  const products = usePoll<{ products: Part[] }>(room ? `/v1/rooms/${path}/products` : null, 5_000).data?.products
  const live = room?.live
  const rates = useMemo(() => {
    if (!perMinute) return null
    // The last step of a room on air is not over: it would look like a fall.
    const length = perMinute.times.length - (live ? 1 : 0)
    const of = (metric: Rates) => perMinute.of[metric].slice(0, length).map(v => (v * 60) / perMinute.step)
    return length < 2 ? null : { times: perMinute.times.slice(0, length), comments: of('comments'), likes: of('likes'), follows: of('follows'), gifts: of('gifts.amount'), gmv: of('gmv') }
  }, [perMinute, live])
  const marks = useMemo(() => (curves && room ? milestones(curves, room, t, n => number(n)) : []), [curves, t])
  if (!room || problem?.status === 404) return <Trouble problem={problem} />
  const channels = Object.entries(room.channels).sort((a, b) => b[1].views - a[1].views)
  const mostViews = Math.max(1, ...channels.map(([, c]) => c.views))
  const shares: [string, number | null][] = [
    [t.enterRate, room.rates.enter], [t.interactionRate, room.rates.interaction], [t.followRate, room.rates.follow], [t.productClickRate, room.rates.productClick], [t.clickToPay, room.rates.clickToPay],
    [t.orderToPay, room.rates.orderToPay], [t.viewToPay, room.rates.viewToPay], [t.conversion, room.rates.conversion], [t.negativeRate, room.rates.negative]]
  return (
    <div class={link === 'live' ? 'page' : 'page stale'}>
      <div class="heading">
        <div>
          <h1>{room.title || room.room}</h1>
          <p class="sub"><span class={room.live ? 'air' : 'air off'}>{room.live ? t.onAir : t.offAir}</span>{[room.host, room.category, room.title ? room.room : null].filter(Boolean).join(' · ')}
            {room.startedAt && <> · {t.since} {moment(room.startedAt, lang)} · {duration(seconds)}</>}</p>
        </div>
        <div class="aside"><a class="report" href={`/v1/rooms/${path}/report?format=html&language=${lang}&offset=${offset()}`} target="_blank" rel="noopener">{t.report}</a><LinkState link={link} asOf={room.asOf} /></div>
      </div>
      <Figures>
        <Figure label={t.online} note={<Facts of={[`${t.peak} ${number(room.peakOnline)}`, `${t.averageOnline} ${number(room.averageOnline, 1)}`]} />}><Value n={room.online} name="online" /></Figure>
        <Figure label={t.views} note={<>{t.viewers} {number(room.viewers)}</>}><Value n={room.views} name="views" /></Figure>
        <Figure label={t.watchPerViewer} note={<>{t.heat} {number(room.heat, 1)}</>}><Value n={room.watchSecondsPerViewer} kind="duration" name="watchSecondsPerViewer" /></Figure>
        <Figure label={t.interactions} note={<>{t.interactionRate} {percent(room.rates.interaction)}</>}><Value n={room.interactions} name="interactions" /></Figure>
        <Figure label={t.follows} note={<>{t.followRate} {percent(room.rates.follow)}</>}><Value n={room.follows.count} name="follows" /></Figure>
        <Figure label={t.giftAmount} note={<>{t.gifts} {number(room.gifts.count)}</>}><Value n={room.gifts.amount} kind="money" name="gifts" /></Figure>
        <Figure label={t.gmv} note={<>GPM <Value n={room.gpm} kind="money" /></>}><Value n={room.gmv} kind="money" name="gmv" /></Figure>
      </Figures>
      <div class="columns">
        <Panel title={t.onlineCurve} wide name="online">
          {curves && curves.times.length > 1 ? <Chart name="online" label={t.onlineCurve} times={curves.times} marks={marks} height={260} lines={[{ label: t.online, values: curves.of.online, color: '--accent', fill: true }]} /> : <Empty title={t.empty} />}
        </Panel>
        <div class="stack">
          <Panel title={t.funnel} name="funnel">
            <FunnelSteps steps={[[t.fExposure, room.impressions.users ?? 0], [t.fView, room.viewers], [t.fClick, room.products.clicks.users ?? 0], [t.fOrder, room.products.orders.users ?? 0], [t.fPay, room.products.pays.users ?? 0]]} />
          </Panel>
          <Compare room={room} />
          <Panel title={t.productsIn} name="products">
            {!products ? <Trouble problem={null} /> : products.length === 0 ? <Empty title={t.noProducts} /> : (
              <Table caption={t.productsIn} rows={products.slice(0, 12)} id={p => p.product ?? p.video!} columns={[
                { name: 'title', head: t.product, cell: p => <ItemLink kind={p.product ? 'product' : 'video'} id={p.product ?? p.video!} title={p.title} /> },
                { name: 'impressions', head: t.impressions, right: true, minor: true, cell: p => <Value n={p.impressions} /> },
                { name: 'clicks', head: t.clicks, right: true, cell: p => <Value n={p.clicks} /> },
                { name: 'pays', head: t.pays, right: true, cell: p => <Value n={p.pays.count} /> },
                { name: 'gmv', head: t.gmv, right: true, cell: p => <Value n={p.gmv} kind="money" name="gmv" /> }]} />
            )}
          </Panel>
        </div>
        <div class="stack">
          <Panel title={t.interactionsPerMinute} name="interactions">
            {rates ? <Chart name="interactions" label={t.interactionsPerMinute} times={rates.times} lines={[
              { label: t.comments, values: rates.comments, color: '--accent' }, { label: t.likes, values: rates.likes, color: '--second' }, { label: t.follows, values: rates.follows, color: '--third' }]} /> : <Empty title={t.soon} />}
          </Panel>
          <Panel title={t.giftsOverTime} name="gifts">
            {rates ? <Chart name="gifts" label={t.giftsOverTime} times={rates.times} lines={[
              { label: t.giftAmount, values: rates.gifts, color: '--accent', kind: 'money' }, { label: t.gmv, values: rates.gmv, color: '--second', kind: 'money' }]} /> : <Empty title={t.soon} />}
          </Panel>
          <Panel title={t.rates} name="rates">
            <Pairs rows={[...shares.map(([label, value]): [string, preact.ComponentChild] => [label, <Value n={value} kind="percent" />]),
              [t.uvValue, <Value n={room.uvValue} kind="money" />], [t.averageOrder, <Value n={room.averageOrder} kind="money" />], [t.perBuyer, <Value n={room.perBuyer} kind="money" />], [t.netGmv, <Value n={room.netGmv} kind="money" />], [t.engagement, <Value n={room.engagement == null ? null : room.engagement * 60} digits={2} />]]} />
            {room.approximate && <p class="hint foot">{t.approximate}</p>}
          </Panel>
          <Panel title={t.channels} name="channels">
            {channels.length === 0 ? <Empty title={t.noChannels} /> : (
              <Table caption={t.channels} rows={channels} id={([name]) => name} columns={[
                { name: 'channel', head: t.channel, cell: ([name]) => channelName(name, lang) },
                { name: 'share', head: t.share, cell: ([, c]) => <Bar share={c.views / mostViews} /> },
                { name: 'views', head: t.views, right: true, cell: ([, c]) => <Value n={c.views} /> },
                { name: 'viewers', head: t.viewers, right: true, minor: true, cell: ([, c]) => <Value n={c.viewers} /> },
                { name: 'gmv', head: t.gmv, right: true, cell: ([, c]) => <Value n={c.gmv} kind="money" /> }]} />
            )}
          </Panel>
        </div>
      </div>
    </div>
  )
}
