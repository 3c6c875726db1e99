/** Numbers, money and times as people of a language read them. Every function takes null for "there is none" and shows a dash. */
export type Lang = 'en' | 'zh'

const NONE = '–'
const locale = (lang: Lang) => (lang === 'zh' ? 'zh-CN' : 'en-US')
const cache = new Map<string, Intl.NumberFormat>()

function formatter(lang: Lang, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = lang + JSON.stringify(options)
  let found = cache.get(key)
  if (!found) cache.set(key, (found = new Intl.NumberFormat(locale(lang), options)))
  return found
}

/** The units of large numbers: 万 and 亿, or k, M and B. */
const units: Record<Lang, [number, string][]> = {
  en: [[1e9, 'B'], [1e6, 'M'], [1e4, 'k']],
  zh: [[1e8, '亿'], [1e4, '万']],
}

/** Splits a number into three or four figures and a unit; below 10,000 it stays whole. */
function scale(value: number, lang: Lang): [number, string, number] {
  const size = Math.abs(value)
  for (const [unit, name] of units[lang]) {
    if (size < unit) continue
    const scaled = value / (name === 'k' ? 1e3 : unit)
    const figures = Math.abs(scaled) >= 1000 ? 0 : Math.abs(scaled) >= 100 ? 1 : 2
    return [scaled, name, figures]
  }
  return [value, '', 0]
}

/** 9,876 · 12.34k · 1.23M; 9,876 · 1.23万 · 4.56亿. Below 10,000 always with the digits that are asked for, so that a column stands in line. */
export function number(value: number | null | undefined, lang: Lang, digits = 0): string {
  if (value == null) return NONE
  const [scaled, unit, figures] = scale(value, lang)
  const most = unit ? figures : value === 0 ? 0 : digits
  return formatter(lang, { maximumFractionDigits: most, minimumFractionDigits: most }).format(scaled) + unit
}

/** The same without zeros at the end, for axes and round numbers: 10k, ¥2,000. */
export const trim = (text: string) => text.replace(/\.0+(?=\D|$)|(\.\d*?[1-9])0+(?=\D|$)/, '$1')

/** Every digit, for titles and tables. */
export const exact = (value: number | null | undefined, lang: Lang, digits = 4) =>
  value == null ? NONE : formatter(lang, { maximumFractionDigits: digits }).format(value)

/** Digits behind the point of a currency: 2 for CNY, 0 for JPY. */
function minorDigits(currency: string, lang: Lang): number {
  return formatter(lang, { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
}

function symbol(currency: string, lang: Lang): string {
  const part = formatter(lang, { style: 'currency', currency, currencyDisplay: 'narrowSymbol' }).formatToParts(0).find(p => p.type === 'currency')
  return part?.value ?? currency
}

/** An amount in minor units: ¥129.00 · ¥12.34k; ¥129.00 · ¥1.23万. */
export function money(minor: number | null | undefined, currency: string, lang: Lang): string {
  if (minor == null) return NONE
  const digits = minorDigits(currency, lang)
  const value = minor / 10 ** digits
  const [scaled, unit, figures] = scale(Math.abs(value), lang)
  const most = unit ? figures : Math.abs(value) >= 1000 ? 0 : digits
  const text = formatter(lang, { maximumFractionDigits: most, minimumFractionDigits: most }).format(scaled)
  return (value < 0 ? '−' : '') + symbol(currency, lang) + text + unit
}

export const exactMoney = (minor: number | null | undefined, currency: string, lang: Lang) =>
  minor == null ? NONE : formatter(lang, { style: 'currency', currency, currencyDisplay: 'narrowSymbol' }).format(minor / 10 ** minorDigits(currency, lang))

/** A ratio as per cent with three figures: 45.2 %, 3.21 %, 0.045 %. */
export function percent(ratio: number | null | undefined, lang: Lang): string {
  if (ratio == null) return NONE
  const value = ratio * 100
  const size = Math.abs(value)
  const digits = value === 0 ? 0 : size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3
  return formatter(lang, { maximumFractionDigits: digits }).format(value) + (lang === 'zh' ? '%' : ' %')
}

/** 45 s · 3 min 20 s · 2 h 05 min; 45秒 · 3分20秒 · 2小时05分. */
export function duration(seconds: number | null | undefined, lang: Lang): string {
  if (seconds == null) return NONE
  const [d, h, m, s] = lang === 'zh' ? ['天', '小时', '分', '秒'] : [' d', ' h', ' min', ' s']
  const gap = lang === 'zh' ? '' : ' '
  const two = (n: number) => String(n).padStart(2, '0')
  if (seconds < 10 && seconds > 0) return exact(seconds, lang, 1) + s
  const whole = Math.round(seconds)
  if (whole < 60) return whole + s
  if (whole < 3600) return Math.floor(whole / 60) + m + gap + two(whole % 60) + s
  if (whole < 86400) return Math.floor(whole / 3600) + h + gap + two(Math.floor((whole % 3600) / 60)) + m
  return Math.floor(whole / 86400) + d + gap + Math.floor((whole % 86400) / 3600) + h
}

/** Seconds as µs, ms or s. */
export function short(seconds: number | null | undefined, lang: Lang): string {
  if (seconds == null) return NONE
  if (seconds < 1e-3) return exact(seconds * 1e6, lang, 0) + ' µs'
  if (seconds < 1) return exact(seconds * 1e3, lang, seconds < 0.1 ? 1 : 0) + ' ms'
  return exact(seconds, lang, 1) + ' s'
}

export function bytes(value: number | null | undefined, lang: Lang): string {
  if (value == null) return NONE
  let scaled = value
  for (const unit of ['B', 'KiB', 'MiB', 'GiB', 'TiB']) {
    if (scaled < 1024 || unit === 'TiB') return exact(scaled, lang, unit === 'B' || scaled >= 100 ? 0 : 1) + ' ' + unit
    scaled /= 1024
  }
  return NONE
}

const times = new Map<string, Intl.DateTimeFormat>()
function clock(lang: Lang, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = lang + JSON.stringify(options)
  let found = times.get(key)
  if (!found) times.set(key, (found = new Intl.DateTimeFormat(locale(lang), { hourCycle: 'h23', ...options })))
  return found
}

/** 20:15:03 in the reader's time zone. */
export const time = (moment: string | number | null | undefined, lang: Lang, seconds = true) =>
  moment == null ? NONE : clock(lang, { hour: '2-digit', minute: '2-digit', ...(seconds ? { second: '2-digit' } : {}) }).format(new Date(moment))

/** 12/30. */
export const day = (value: number, lang: Lang) => clock(lang, { month: '2-digit', day: '2-digit' }).format(new Date(value))

const longDay = (value: number, lang: Lang) => clock(lang, { year: 'numeric', month: '2-digit', day: '2-digit' }).format(new Date(value))

/** A time, with its day when that is another one than that of `now`, and with its year when that is. */
export function timeSince(value: string | number | null | undefined, now: string | number, lang: Lang, seconds = true): string {
  if (value == null) return NONE
  const [at, then] = [new Date(value), new Date(now)]
  const date = at.toDateString() === then.toDateString() ? '' : (at.getFullYear() === then.getFullYear() ? day : longDay)(at.getTime(), lang) + ' '
  return date + time(value, lang, seconds)
}

/** With its day. */
export const moment = (value: string | number | null | undefined, lang: Lang) =>
  value == null ? NONE : clock(lang, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(value))
