import { render } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import './app.css'
import { EnginePage } from './pages/engine'
import { ItemPage } from './pages/item'
import { LivePage } from './pages/live'
import { RoomPage } from './pages/room'
import { UserPage } from './pages/user'
import { Provider, useSettings, type Theme } from './settings'

type Kind = 'room' | 'product' | 'video' | 'user'

/** `#/room/r1` is the room r1; everything else is the platform. */
function useRoute(): [string, string] {
  const read = (): [string, string] => {
    const [, page = '', id = ''] = location.hash.split('/')
    try {
      return [page, decodeURIComponent(id)]
    } catch {
      // A malformed escape in the address is no id.
      return ['', '']
    }
  }
  const [route, setRoute] = useState(read)
  useEffect(() => {
    const change = () => { setRoute(read()); scrollTo(0, 0) }
    addEventListener('hashchange', change)
    return () => removeEventListener('hashchange', change)
  }, [])
  return route
}

function Find() {
  const { t } = useSettings()
  const [kind, setKind] = useState<Kind>('room')
  const field = useRef<HTMLInputElement>(null)
  const go = (event: Event) => {
    event.preventDefault()
    const id = field.current!.value.trim()
    if (id) location.hash = `#/${kind}/${encodeURIComponent(id)}`
  }
  return (
    <form class="find" role="search" onSubmit={go}>
      <select aria-label={t.kind} value={kind} onChange={e => setKind(e.currentTarget.value as Kind)}>
        {(['room', 'product', 'video', 'user'] as const).map(k => <option key={k} value={k}>{t[k]}</option>)}
      </select>
      <input ref={field} type="search" aria-label={t.findHint} placeholder="ID" spellcheck={false} autocapitalize="off" />
      <button type="submit">{t.go}</button>
    </form>
  )
}

function App() {
  const { t, lang, theme, setLang, setTheme } = useSettings()
  const [page, id] = useRoute()
  const pages: Record<string, () => preact.JSX.Element> = {
    room: () => <RoomPage key={id} room={id} />,
    product: () => <ItemPage key={id} kind="product" id={id} />,
    video: () => <ItemPage key={id} kind="video" id={id} />,
    user: () => <UserPage key={id} user={id} />,
    engine: () => <EnginePage />,
  }
  const needsId = page in pages && page !== 'engine'
  const known = page in pages && (!needsId || id !== '')
  useEffect(() => {
    document.title = known ? `${needsId ? id : t.engine} · LiveGrains` : `${t.live} · LiveGrains`
  }, [known, needsId, id, t])
  return (
    <>
      <a class="skip" href="#content" onClick={e => { e.preventDefault(); document.getElementById('content')!.focus() }}>{t.skip}</a>
      <header class="top">
        <a class="brand" href="#/"><svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true"><circle cx="3" cy="16" r="2.6" /><circle cx="10" cy="10" r="2.6" /><circle cx="17" cy="4" r="2.6" /><circle cx="17" cy="16" r="2.6" class="pale" /></svg>LiveGrains</a>
        <nav>
          <a href="#/" aria-current={known ? undefined : 'page'}>{t.live}</a>
          <a href="#/engine" aria-current={page === 'engine' ? 'page' : undefined}>{t.engine}</a>
        </nav>
        <Find />
        <div class="choices">
          <select aria-label={t.theme} value={theme} onChange={e => setTheme(e.currentTarget.value as Theme)}>
            {(['auto', 'light', 'dark'] as const).map(k => <option key={k} value={k}>{t[k]}</option>)}
          </select>
          <button id="language" lang={lang === 'zh' ? 'en' : 'zh-CN'} onClick={() => setLang(lang === 'zh' ? 'en' : 'zh')}>{t.language}</button>
        </div>
      </header>
      <main id="content" tabIndex={-1}>{known ? pages[page]!() : <LivePage />}</main>
    </>
  )
}

render(<Provider><App /></Provider>, document.getElementById('app')!)
