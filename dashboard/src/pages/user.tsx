import { useState } from 'preact/hooks'
import { usePoll, type InterestShare, type Profile, type Recommendation, type Recommendations } from '../api'
import { exact, timeSince } from '../format'
import { reasonName, ruleName, typeName } from '../i18n'
import { Bar, Empty, Figure, Figures, fill, ItemLink, LinkState, Pairs, Panel, RoomLink, Table, Trouble, Value } from '../parts'
import { useSettings } from '../settings'

function Interests({ title, shares }: { title: string; shares: InterestShare[] }) {
  const { percent } = useSettings()
  if (shares.length === 0) return null
  return (
    <>
      <h3>{title}</h3>
      <ul class="interests">
        {shares.slice(0, 8).map(s => <li key={s.name}><span class="step">{s.name}</span><Bar share={Math.abs(s.weight)} negative={s.weight < 0} /><span class="rate">{percent(s.weight)}</span></li>)}
      </ul>
    </>
  )
}

/** Why an item stands where it does: what proposed it, and what every term adds to the log-odds. */
function Why({ item }: { item: Recommendation }) {
  const { t, lang, percent } = useSettings()
  const e = item.explain
  if (!e) return null
  const names: Record<string, string> = { watch: t.pWatch, interact: t.pInteract, pay: t.pPay }
  const terms = [...e.terms].sort((a, b) => Math.abs(b.value * b.watch) + Math.abs(b.value * b.interact) + Math.abs(b.value * b.pay) - Math.abs(a.value * a.watch) - Math.abs(a.value * a.interact) - Math.abs(a.value * a.pay))
  const signed = (v: number) => <span class={v < 0 ? 'down' : v > 0 ? 'up' : 'muted'}>{v > 0 ? '+' : v < 0 ? '−' : ''}{exact(Math.abs(v), lang, 3)}</span>
  return (
    <div class="why">
      <Pairs rows={[[t.match, exact(e.match, lang, 3)], ...e.objectives.map((o): [string, string] => [names[o.name] ?? o.name, `${percent(o.probability)} × ${exact(o.weight, lang, 2)}`]), [t.rules, e.rules.map(r => ruleName(r, lang)).join(lang === 'zh' ? '、' : ', ') || '–']]} />
      <p class="hint">{t.contributions}</p>
      <Table caption={t.contributions} rows={terms} id={x => x.name} columns={[
        { name: 'term', head: t.term, cell: x => <span title={x.name}>{reasonName(x.name, lang)}</span> },
        { name: 'value', head: t.value, right: true, cell: x => exact(x.value, lang, 3) },
        { name: 'watch', head: t.pWatch, right: true, cell: x => signed(x.value * x.watch) },
        { name: 'interact', head: t.pInteract, right: true, cell: x => signed(x.value * x.interact) },
        { name: 'pay', head: t.pPay, right: true, cell: x => signed(x.value * x.pay) }]} />
    </div>
  )
}

function Recommended({ user }: { user: string }) {
  const { t, lang, number, percent } = useSettings()
  const [kind, setKind] = useState('room')
  const { data, problem } = usePoll<Recommendations>(`/v1/users/${encodeURIComponent(user)}/recommendations?kind=${kind}&limit=10&explain=true`, 5_000)
  const [open, setOpen] = useState<string | null>(null)
  return (
    <Panel title={t.recommendations} name="recommendations" aside={
      <select aria-label={t.kind} value={kind} onChange={e => setKind(e.currentTarget.value)}>
        {(['room', 'product', 'video', 'all'] as const).map(k => <option key={k} value={k}>{t[k]}</option>)}
      </select>}>
      {!data ? <Trouble problem={problem} /> : data.items.length === 0 ? <Empty title={t.noRecommendations} /> : (
        <>
        <div class="line head" aria-hidden="true"><span>{t.item}</span><span class="chips">{t.proposedBy}</span><span class="score">{t.score}</span><span class="rate">{t.share}</span><span /></div>
        <ol class="recommended">
          {data.items.map(item => {
            const key = item.kind + item.id
            return (
              <li key={key} data-recommended={item.id}>
                <div class="line">
                  <span><ItemLink kind={item.kind} id={item.id} title={item.title} /><span class="sub">{[item.host, item.category].filter(Boolean).join(' · ') || item.id}</span></span>
                  <span class="chips">{item.explain?.sources.map(s => <span key={s}>{reasonName(s, lang)}</span>)}</span>
                  <span class="score"><span class="unseen">{t.score} </span>{number(item.score, 3)}</span>
                  <span class="rate"><span class="unseen">{t.share} </span>{percent(item.probability)}</span>
                  <button aria-expanded={open === key} onClick={() => setOpen(open === key ? null : key)}>{open === key ? t.close : t.why}</button>
                </div>
                {open === key && <Why item={item} />}
              </li>
            )
          })}
        </ol>
        </>
      )}
      {data && <p class="hint foot">{fill(t.candidates, exact(data.candidates, lang))}</p>}
    </Panel>
  )
}

export function UserPage({ user }: { user: string }) {
  const { t, lang, number, money } = useSettings()
  const { data: profile, problem } = usePoll<Profile>(`/v1/users/${encodeURIComponent(user)}`, 1_000)
  if (!profile || problem?.status === 404) return <Trouble problem={problem} />
  const actions = Object.entries(profile.counts).sort((a, b) => b[1] - a[1])
  const { categories, tags, hosts } = profile.interest
  const of = (type: string) => profile.counts[type] ?? 0
  return (
    <div class={problem ? 'page stale' : 'page'}>
      <div class="heading">
        <div><h1>{user}</h1><p class="sub">{Object.entries(profile.attrs).map(([k, v]) => `${k}: ${v}`).join(' · ') || t.user}</p></div>
        <LinkState link={problem ? 'lost' : 'live'} asOf={profile.asOf} />
      </div>
      <Figures>
        <Figure label={t.spend} note={<>{t.refunded} {money(profile.spend.refunded)}</>}><Value n={profile.spend.paid} kind="money" name="paid" /></Figure>
        <Figure label={t.gifted} note={<>{t.gifts} {number(of('gift'))}</>}><Value n={profile.spend.gifted} kind="money" name="gifted" /></Figure>
        <Figure label={t.watchTime} note={<>{t.watching} {number(profile.watching.length)}</>}><Value n={profile.watchSeconds} kind="duration" name="watchSeconds" /></Figure>
        <Figure label={t.interactions}><Value n={of('like') + of('comment') + of('share') + of('follow') + of('gift') + of('subscribe')} name="interactions" /></Figure>
      </Figures>
      <div class="columns">
        <div class="stack">
          <Recommended user={user} />
          <Panel title={t.actions}>
            {actions.length === 0 ? <Empty title={t.noInterest} /> : <Pairs rows={actions.map(([type, n]) => [typeName(type, lang), <Value n={n} />])} />}
          </Panel>
        </div>
        <div class="stack">
          <Panel title={t.interest} name="interest">
            {categories.length + tags.length + hosts.length === 0 ? <Empty title={t.noInterest} /> : <><Interests title={t.categories} shares={categories} /><Interests title={t.tags} shares={tags} /><Interests title={t.hosts} shares={hosts} /></>}
            <p class="hint foot">{t.interestHint}</p>
          </Panel>
          <Panel title={t.recent}>
            {profile.recent.length === 0 ? <Empty title={t.noInterest} /> : (
              <Table caption={t.recent} rows={profile.recent.map((r, i) => ({ ...r, i }))} id={r => String(r.i)} columns={[
                { name: 'time', head: t.when, cell: r => timeSince(r.time, profile.asOf, lang) },
                { name: 'type', head: t.type, cell: r => typeName(r.type, lang) },
                { name: 'title', head: t.item, cell: r => <>{r.room && <RoomLink room={r.room} />} {r.product ? <ItemLink kind="product" id={r.product} /> : r.video ? <ItemLink kind="video" id={r.video} /> : null}</> }]} />
            )}
            <h3>{t.watching}</h3>
            {profile.watching.length === 0 ? <p class="hint">{t.nobody}</p> : <p>{profile.watching.map(r => <><RoomLink key={r} room={r} /> </>)}</p>}
          </Panel>
        </div>
      </div>
    </div>
  )
}
