import { usePoll, type Item } from '../api'
import { Bar, Empty, Figure, Figures, FunnelSteps, LinkState, Pairs, Panel, RoomLink, Table, Trouble, Value } from '../parts'
import { windowName } from '../i18n'
import { useSettings } from '../settings'

/** A product or a video: the same grain with other emphasis. */
export function ItemPage({ kind, id }: { kind: 'product' | 'video'; id: string }) {
  const { t, lang, number, money, percent } = useSettings()
  const { data: item, problem } = usePoll<Item>(`/v1/${kind}s/${encodeURIComponent(id)}`, 1_000)
  if (!item || problem?.status === 404) return <Trouble problem={problem} />
  const most = Math.max(1, ...item.rooms.map(r => r.gmv || r.clicks))
  return (
    <div class={problem ? 'page stale' : 'page'}>
      <div class="heading">
        <div>
          <h1>{item.title || id}</h1>
          <p class="sub">{item.status && <span class={item.status === 'on' ? 'air' : 'air off'}>{item.status === 'on' ? t.on : t.off}</span>}
            {[item.category, item.host, item.tags.join(', '), item.title ? id : null].filter(Boolean).join(' · ')}</p>
        </div>
        <LinkState link={problem ? 'lost' : 'live'} asOf={item.asOf} />
      </div>
      <Figures>
        <Figure label={t.gmv} note={<>{t.netGmv} {money(item.netGmv)}</>}><Value n={item.gmv} kind="money" name="gmv" /></Figure>
        <Figure label={t.pays} note={<>{t.users} {number(item.pays.users)}</>}><Value n={item.pays.count} name="pays" /></Figure>
        <Figure label={t.clicks} note={<>{t.productClickRate} {percent(item.rates.productClick)}</>}><Value n={item.clicks.count} name="clicks" /></Figure>
        <Figure label={t.impressions} note={<>{t.users} {number(item.impressions.users)}</>}><Value n={item.impressions.count} name="impressions" /></Figure>
        {kind === 'product'
          ? <><Figure label={t.price} note={<>{t.averageOrder} {money(item.averageOrder)}</>}><Value n={item.price} kind="money" name="price" /></Figure>
            <Figure label={t.stock} note={<>{t.carts} {number(item.carts.count)}</>}><Value n={item.stock} name="stock" /></Figure></>
          : <><Figure label={t.plays} note={<>{t.users} {number(item.plays.users)}</>}><Value n={item.plays.count} name="plays" /></Figure>
            <Figure label={t.watchTime}><Value n={item.watchSeconds} kind="duration" name="watchSeconds" /></Figure></>}
      </Figures>
      <div class="columns">
        <div class="stack">
          <Panel title={t.funnel}>
            <FunnelSteps steps={[[t.fExposure, item.impressions.users ?? 0], [t.fClick, item.clicks.users ?? 0], [t.carts, item.carts.users ?? 0], [t.fOrder, item.orders.users ?? 0], [t.fPay, item.pays.users ?? 0]]} />
          </Panel>
          <Panel title={t.windows}>
            <Table caption={t.windows} rows={Object.entries(item.windows)} id={([name]) => name} columns={[
              { name: 'window', head: t.window, cell: ([name]) => windowName(name, lang) },
              { name: 'impressions', head: t.impressions, right: true, minor: true, cell: ([, w]) => <Value n={w.impressions.count} /> },
              { name: 'clicks', head: t.clicks, right: true, cell: ([, w]) => <Value n={w.clicks.count} /> },
              { name: 'carts', head: t.carts, right: true, minor: true, cell: ([, w]) => <Value n={w.carts.count} /> },
              { name: 'orders', head: t.orders, right: true, cell: ([, w]) => <Value n={w.orders.count} /> },
              { name: 'pays', head: t.pays, right: true, cell: ([, w]) => <Value n={w.pays.count} /> },
              { name: 'gmv', head: t.gmv, right: true, cell: ([, w]) => <Value n={w.gmv} kind="money" /> }]} />
          </Panel>
        </div>
        <div class="stack">
          <Panel title={t.rates}>
            <Pairs rows={[[t.productClickRate, <Value n={item.rates.productClick} kind="percent" />], [t.clickToPay, <Value n={item.rates.clickToPay} kind="percent" />], [t.orderToPay, <Value n={item.rates.orderToPay} kind="percent" />], [t.negativeRate, <Value n={item.rates.negative} kind="percent" />],
              [t.perBuyer, <Value n={item.perBuyer} kind="money" />], [t.refunds, <Value n={item.refundAmount} kind="money" />], [t.likes, <Value n={item.likes.count} />], [t.comments, <Value n={item.comments.count} />], [t.shares, <Value n={item.shares.count} />], [t.dislikes, <Value n={item.dislikes.count} />]]} />
            {item.approximate && <p class="hint foot">{t.approximate}</p>}
          </Panel>
          <Panel title={t.inRooms}>
            {item.rooms.length === 0 ? <Empty title={t.noParts} /> : (
              <Table caption={t.inRooms} rows={item.rooms.slice(0, 15)} id={r => r.room} columns={[
                { name: 'title', head: t.room, cell: r => <RoomLink room={r.room} /> },
                { name: 'share', head: t.share, minor: true, cell: r => <Bar share={(r.gmv || r.clicks) / most} /> },
                { name: 'clicks', head: t.clicks, right: true, cell: r => <Value n={r.clicks} /> },
                { name: 'pays', head: t.pays, right: true, cell: r => <Value n={r.pays.count} /> },
                { name: 'gmv', head: t.gmv, right: true, cell: r => <Value n={r.gmv} kind="money" /> }]} />
            )}
          </Panel>
        </div>
      </div>
    </div>
  )
}
