// The committed files are what a fresh build makes; and the formats of numbers, compiled the same way.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build, transformWithEsbuild } from 'vite'

const here = join(dirname(fileURLToPath(import.meta.url)), '..')
const committed = join(here, '../src/LiveGrains.Server/wwwroot')

const files = directory => readdirSync(directory, { recursive: true, withFileTypes: true }).filter(e => e.isFile())
  .map(e => join(e.parentPath, e.name)).sort().map(path => [path.slice(directory.length + 1), readFileSync(path)])

describe('built files', { timeout: 120_000 }, () => {
  let directory
  before(() => { directory = mkdtempSync(join(tmpdir(), 'livegrains-build-')) })
  after(() => rmSync(directory, { recursive: true, force: true }))

  it('are what a fresh build makes', async () => {
    await build({ root: here, logLevel: 'error', build: { outDir: directory, emptyOutDir: true } })
    const fresh = files(directory)
    assert.deepEqual(files(committed).map(f => f[0]), fresh.map(f => f[0]), 'npm run build, then commit src/LiveGrains.Server/wwwroot')
    for (const [i, [name, bytes]] of files(committed).entries()) assert.ok(bytes.equals(fresh[i][1]), `${name} differs: npm run build, then commit it`)
  })

  it('are at most 90 kB gzipped', () => {
    const sum = files(committed).reduce((n, [, bytes]) => n + gzipSync(bytes, { level: 9 }).length, 0)
    assert.ok(sum <= 90_000, `${sum} bytes`)
  })

  it('name no other place', () => {
    for (const [name, bytes] of files(committed)) {
      const places = bytes.toString().match(/https?:\/\/[\w.-]+/g)?.filter(place => !['http://www.w3.org'].includes(place)) ?? []
      assert.deepEqual(places, [], name)
    }
  })
})

it('has no word that no page shows', () => {
  const sources = files(join(here, 'src')).map(([name, bytes]) => [name, bytes.toString()])
  const words = sources.find(([name]) => name === 'i18n.ts')[1]
  const names = [...words.slice(words.indexOf('const en = '), words.indexOf('export type Words')).matchAll(/(\w+): '/g)].map(m => m[1])
  const pages = sources.filter(([name]) => name !== 'i18n.ts').map(s => s[1]).join('\n')
  assert.ok(names.length > 150)
  // By its name, or as one of a list of names.
  assert.deepEqual(names.filter(name => !new RegExp(`\\bt\\.${name}\\b|'${name}'`).test(pages)), [])
})

describe('formats', () => {
  let format
  before(async () => {
    const { code } = await transformWithEsbuild(readFileSync(join(here, 'src/format.ts'), 'utf8'), 'format.ts')
    format = await import(`data:text/javascript,${encodeURIComponent(code)}`)
  })

  it('numbers', () => {
    const en = n => format.number(n, 'en'), zh = n => format.number(n, 'zh')
    assert.deepEqual([0, 999, 9_999, 12_345, 123_456, 1_234_567, 4_560_000_000, null].map(en), ['0', '999', '9,999', '12.35k', '123.5k', '1.23M', '4.56B', '–'])
    assert.deepEqual([0, 374, 406.24, 12_345].map(n => format.number(n, 'en', 1)), ['0', '374.0', '406.2', '12.35k'])
    assert.deepEqual([0, 999, 9_999, 12_345, 123_456, 1_234_567, 4_560_000_000, null].map(zh), ['0', '999', '9,999', '1.23万', '12.35万', '123.5万', '45.60亿', '–'])
  })

  it('money in minor units of its currency', () => {
    assert.equal(format.money(12_900, 'CNY', 'zh'), '¥129.00')
    assert.equal(format.money(1_282_703_000, 'CNY', 'zh'), '¥1,283万')
    assert.equal(format.money(128_270_300, 'CNY', 'en'), '¥1.28M')
    assert.equal(format.money(-500, 'USD', 'en'), '−$5.00')
    assert.equal(format.money(1_500, 'JPY', 'en'), '¥1,500')
    assert.equal(format.money(null, 'CNY', 'en'), '–')
  })

  it('ratios and durations', () => {
    assert.deepEqual([0, 0.00045, 0.0321, 0.452, 1.5, null].map(r => format.percent(r, 'en')), ['0 %', '0.045 %', '3.21 %', '45.2 %', '150 %', '–'])
    assert.deepEqual([0, 2.5, 45, 200, 7_500, 200_000].map(s => format.duration(s, 'en')), ['0 s', '2.5 s', '45 s', '3 min 20 s', '2 h 05 min', '2 d 7 h'])
    assert.equal(format.duration(200, 'zh'), '3分20秒')
  })

  it('times with their day when it is another one', () => {
    const now = new Date(2026, 10, 22, 20, 15, 3).getTime()
    const at = (...parts) => ['en', 'zh'].map(lang => format.timeSince(new Date(...parts).getTime(), now, lang))
    assert.deepEqual(at(2026, 10, 22, 9, 5, 7), ['09:05:07', '09:05:07'])
    assert.deepEqual(at(2026, 10, 21, 23, 59, 59), ['11/21 23:59:59', '11/21 23:59:59'])
    assert.deepEqual(at(2021, 11, 30, 23, 47, 13), ['12/30/2021 23:47:13', '2021/12/30 23:47:13'])
    assert.equal(format.timeSince(null, now, 'en'), '–')
  })
})
