import { createContext, type ComponentChildren } from 'preact'
import { useContext, useEffect, useMemo, useState } from 'preact/hooks'
import { readMetrics, usePoll } from './api'
import * as f from './format'
import { words, type Words } from './i18n'

export type Theme = 'auto' | 'light' | 'dark'

/** What every part of a page needs to show values: words, formats in the reader's language, the platform's currency. */
export interface Settings {
  lang: f.Lang
  theme: Theme
  /** Changes when colours do. */
  look: string
  t: Words
  currency: string
  setLang(lang: f.Lang): void
  setTheme(theme: Theme): void
  number(value: number | null | undefined, digits?: number): string
  money(minor: number | null | undefined): string
  percent(ratio: number | null | undefined): string
  duration(seconds: number | null | undefined): string
  time(moment: string | number | null | undefined, seconds?: boolean): string
}

const Context = createContext<Settings>(null!)
export const useSettings = () => useContext(Context)

function stored<T extends string>(name: string, allowed: readonly T[], otherwise: T): T {
  try {
    const value = localStorage.getItem(name) as T | null
    return value && allowed.includes(value) ? value : otherwise
  } catch {
    // A browser may forbid storage; the page then begins with its defaults.
    return otherwise
  }
}

function store(name: string, value: string) {
  try {
    localStorage.setItem(name, value)
  } catch {
    // As above: the choice holds until the page is closed.
  }
}

const readCurrency = async (path: string, signal: AbortSignal) =>
  (await readMetrics(path, signal)).metrics.get('livegrains_engine_info')?.[0]?.labels.currency ?? 'CNY'

export function Provider({ children }: { children: ComponentChildren }) {
  const [lang, setLang] = useState<f.Lang>(() => stored('lang', ['en', 'zh'], navigator.language.startsWith('zh') ? 'zh' : 'en'))
  const [theme, setTheme] = useState<Theme>(() => stored('theme', ['auto', 'light', 'dark'], 'auto'))
  const [dark, setDark] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches)
  const currency = usePoll<string>('/metrics', 300_000, readCurrency).data ?? 'CNY'
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)')
    const change = () => setDark(query.matches)
    query.addEventListener('change', change)
    return () => query.removeEventListener('change', change)
  }, [])
  const look = theme === 'auto' ? (dark ? 'dark' : 'light') : theme
  document.documentElement.dataset.theme = look
  document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en'
  useEffect(() => store('lang', lang), [lang])
  useEffect(() => store('theme', theme), [theme])
  const settings = useMemo<Settings>(() => ({
    lang, theme, look, currency, t: words[lang], setLang, setTheme,
    number: (v, d) => f.number(v, lang, d),
    money: v => f.money(v, currency, lang),
    percent: v => f.percent(v, lang),
    duration: v => f.duration(v, lang),
    time: (v, s) => f.time(v, lang, s),
  }), [lang, theme, look, currency])
  return <Context.Provider value={settings}>{children}</Context.Provider>
}
