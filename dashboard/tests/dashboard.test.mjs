// The built pages in a real browser, over a running engine: node --test. Skipped, and said so, where chromium or the tool is missing.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { browserPath, openBrowser } from './browser.mjs'
import { broadcast, Server, tool, toolIsThere } from './server.mjs'

const missing = !browserPath ? 'chromium is not installed' : !toolIsThere ? `${tool} is not built` : false
if (missing) console.error(`The tests in a browser are skipped: ${missing}.`)
const pictures = process.env.PICTURES ?? join(tmpdir(), 'livegrains-pictures')

describe('dashboard', { skip: missing, timeout: 1_800_000 }, () => {
  let server, browser, directory

  // What comes about costs no more for it.
  async function newContext(options) {
    const context = await browser.newContext(options)
    context.setDefaultTimeout(120_000)
    return context
  }

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'livegrains-browser-'))
    mkdirSync(pictures, { recursive: true })
    server = await Server.start('--data', directory)
    await server.send(...broadcast())
    browser = await openBrowser()
  })

  after(async () => {
    await browser?.close()
    await server?.stop()
    if (directory) rmSync(directory, { recursive: true, force: true })
  })

  /** A page that fails its test when it logs an error or asks anybody else than the engine; when it is to be answered something first, it has the answer. */
  async function open(path, { lang = 'en', theme = 'light', width = 1440, height = 900, mayFail = false, answered } = {}) {
    const context = await newContext({ viewport: { width, height }, colorScheme: theme, locale: lang === 'zh' ? 'zh-CN' : 'en-US', timezoneId: 'Asia/Shanghai' })
    const page = await context.newPage()
    const troubles = []
    page.on('console', message => { if (message.type() === 'error' || message.type() === 'warning') troubles.push(message.text()) })
    page.on('pageerror', error => troubles.push(String(error)))
    page.on('request', request => { if (!request.url().startsWith(server.url + '/')) troubles.push(`asked ${request.url()}`) })
    const answer = answered && page.waitForResponse(response => response.url() === server.url + answered)
    await page.goto(`${server.url}/#/${path}`)
    await answer
    return { page, troubles, async close() { await context.close(); if (!mayFail) assert.deepEqual(troubles, []) } }
  }

  /** Waits until a number of the page is what it should be. */
  const becomes = (page, selector, value) => page.waitForFunction(([s, v]) => document.querySelector(s)?.dataset.value === String(v), [selector, value])
  const text = (page, selector) => page.locator(selector).first().innerText()
  const figure = name => `.figures [data-metric="${name}"]`

  it('numbers of the platform are those of the API', async () => {
    const { page, close } = await open('')
    const overview = await server.get('/v1/overview')
    for (const name of ['roomsLive', 'gmv']) await becomes(page, figure(name), overview[name])
    assert.equal(await text(page, figure('gmv')), '¥903.00')
    assert.equal(await text(page, figure('roomsLive')), '3')
    await becomes(page, '[data-row="r1"] [data-metric="gmv"]', (await server.get('/v1/rooms/r1')).gmv)
    assert.equal(await page.locator('[data-panel="rooms"] tbody tr').count(), 3)
    await close()
  })

  it('numbers move when events arrive', async () => {
    const { page, close } = await open('room/r1')
    const room = await server.get('/v1/rooms/r1')
    await becomes(page, figure('interactions'), room.interactions)
    await server.send({ type: 'like', room: 'r1', user: 'mover', count: 7 }, { type: 'gift', room: 'r1', user: 'mover', amount: 100 })
    await becomes(page, figure('interactions'), room.interactions + 8)
    await becomes(page, figure('gifts'), room.gifts.amount + 100)
    await becomes(page, figure('views'), (await server.get('/v1/rooms/r1')).views)
    // Who is online becomes less by itself when time goes by.
    for (let looks = 0; ; looks++) {
      const { online } = await server.get('/v1/rooms/r1')
      const shown = await page.locator(figure('online')).getAttribute('data-value')
      if (shown === String(online)) break
      assert.ok(looks < 400, `${shown}, not ${online}`)
      await page.waitForTimeout(250)
    }
    await close()
  })

  it('room has its funnel, curves with tables, products, channels and milestones', async () => {
    const { page, close } = await open('room/r1')
    const room = await server.get('/v1/rooms/r1')
    const steps = [room.impressions.users, room.viewers, room.products.clicks.users, room.products.orders.users, room.products.pays.users]
    for (const [i, n] of steps.entries()) await becomes(page, `[data-metric="funnel.${i}"]`, n)
    await page.waitForSelector('[data-chart="online"] canvas')
    await page.locator('[data-chart="online"] summary').click()
    const table = await text(page, '[data-chart="online"] details table')
    assert.match(table, /Peak \d+/)
    assert.match(table, /First payment/)
    assert.match(table, /First gift/)
    assert.equal(await page.locator('[data-panel="channels"] tbody tr').count(), Object.keys(room.channels).length)
    await becomes(page, '[data-panel="products"] [data-row="p1"] [data-metric="gmv"]', room.gmv)
    const { percentiles, rooms } = await server.get('/v1/rooms/r1/standing')
    assert.equal(percentiles.gmv, 1)
    assert.equal(await page.locator('[data-panel="compare"] tbody tr').count(), Object.keys(percentiles).length)
    for (const [metric, value] of Object.entries(percentiles)) {
      await page.locator(`[data-panel="compare"] [data-row="${metric}"] .rank`).getByText(value === null ? '–' : String(Math.round(value * 100)), { exact: true }).waitFor()
    }
    await page.getByText(`among those of all ${rooms} rooms on air`).waitFor()
    await close()
  })

  it('room leads to its report, in its language, which fits desk, phone and paper and asks for nothing', async () => {
    const { page, close } = await open('room/r1')
    const room = await server.get('/v1/rooms/r1')
    const link = await page.locator('a.report').getAttribute('href')
    await close()
    for (const language of ['en', 'zh']) {
      for (const [width, media] of [[1440, 'screen'], [390, 'screen'], [720, 'print']]) {
        const context = await newContext({ viewport: { width, height: 900 }, colorScheme: language === 'zh' ? 'dark' : 'light', javaScriptEnabled: true })
        const report = await context.newPage()
        const asked = [], complaints = []
        report.on('request', request => asked.push(request.url()))
        report.on('console', message => complaints.push(message.text()))
        report.on('pageerror', error => complaints.push(String(error)))
        await report.goto(server.url + link.replace('language=en', `language=${language}`))
        await report.emulateMedia({ media })
        assert.equal(await text(report, 'h1'), room.title)
        assert.equal(await report.locator('[data-figure="gmv"]').getAttribute('title'), `¥${(room.gmv / 100).toLocaleString('en-US', { minimumFractionDigits: 2 })}`)
        assert.ok((await report.locator('figure svg').count()) >= 4)
        assert.equal(await report.evaluate(() => document.documentElement.scrollWidth - innerWidth > 0), false, `${language} ${width} is too wide`)
        assert.deepEqual(asked.filter(url => !url.includes('/report?')), [])
        assert.deepEqual(complaints, [])
        if (pictures) await report.screenshot({ path: join(pictures, `report-${language}-${width}-${media}.png`), fullPage: true })
        await context.close()
      }
    }
  })

  it('rooms are sorted as one likes', async () => {
    const { page, close } = await open('')
    for (const sort of ['online', 'startedAt', 'gmv']) {
      await page.selectOption('[data-sort]', sort)
      const expected = (await server.get(`/v1/rooms?live=true&sort=${sort}&limit=20`)).rooms.map(r => r.room)
      await page.waitForFunction(rooms => JSON.stringify([...document.querySelectorAll('[data-panel="rooms"] tbody tr')].map(r => r.dataset.row)) === rooms, JSON.stringify(expected))
    }
    await page.locator('th.views button').click()
    await page.waitForSelector('th.views[aria-sort="descending"]')
    await close()
  })

  it('tail shows events, can be paused and filtered, and tells no users and no texts', async () => {
    // Events of which nobody sees anything are not kept for those who come later.
    const { page, close } = await open('', { answered: '/v1/events/live' })
    await page.waitForSelector('[data-panel="tail"]')
    await page.waitForFunction(() => document.querySelector('[data-link="live"]'))
    await server.send({ type: 'share', room: 'r1', user: 'secret-user' }, { type: 'comment', room: 'r1', user: 'secret-user', text: 'secret words' })
    await page.waitForSelector('[data-event="share"]')
    assert.doesNotMatch(await page.content(), /secret/)
    await page.getByRole('button', { name: 'Pause' }).click()
    await server.send({ type: 'pay', room: 'r2', product: 'p2', user: 'u1', amount: 5_900 })
    await page.getByText(/Paused, [1-9]/).waitFor()
    assert.equal(await page.locator('[data-event="pay"]').count(), 0)
    await page.getByRole('button', { name: 'Resume' }).click()
    await page.waitForSelector('[data-event="pay"]')
    await page.getByLabel('Filter by type or room').fill('r2')
    await page.waitForFunction(() => [...document.querySelectorAll('[data-panel="tail"] li')].length > 0 && [...document.querySelectorAll('[data-panel="tail"] li')].every(li => li.innerText.includes('r2')))
    await close()
  })

  it('product, and what happens to it', async () => {
    const { page, close } = await open('product/p1')
    const product = await server.get('/v1/products/p1')
    assert.equal(await text(page, 'h1'), '亚麻衬衫')
    for (const name of ['gmv', 'price', 'stock']) await becomes(page, figure(name), product[name])
    await server.send({ type: 'pay', room: 'r1', product: 'p1', user: 'u3', amount: 12_900 })
    await becomes(page, figure('gmv'), product.gmv + 12_900)
    await close()
  })

  it('user: spend, interest, and why each recommendation was made', async () => {
    const { page, close } = await open('user/u0')
    const user = await server.get('/v1/users/u0')
    await becomes(page, figure('paid'), user.spend.paid)
    await page.waitForSelector('[data-panel="interest"] .interests')
    // The list comes again every few seconds, and another may be the first then.
    const first = page.locator(`[data-recommended="${await page.locator('[data-recommended]').first().getAttribute('data-recommended')}"]`)
    await first.getByRole('button').click()
    const list = await server.get('/v1/users/u0/recommendations?kind=room&limit=10&explain=true')
    assert.ok(list.items.length > 0)
    await first.locator('.why tbody tr').first().waitFor()
    assert.equal(await first.locator('.why tbody tr').count(), list.items.find(i => i.id)?.explain.terms.length)
    await close()
  })

  it('what the engine calls by its own names is said in Chinese', async () => {
    const { page, close } = await open('user/u0', { lang: 'zh' })
    const first = page.locator(`[data-recommended="${await page.locator('[data-recommended]').first().getAttribute('data-recommended')}"]`)
    await first.getByRole('button').click()
    await first.locator('.why tbody tr').first().waitFor()
    for (const selector of ['.chips span', '.why td.term', '.why dt', '.why dd']) {
      const texts = await page.locator(selector).allInnerTexts()
      assert.ok(texts.length > 0, selector)
      assert.deepEqual(texts.filter(t => /[a-z]{2}/i.test(t)), [], selector)
    }
    await close()
    const engine = await open('engine', { lang: 'zh' })
    await engine.page.locator('.air').getByText('就绪', { exact: true }).waitFor()
    await engine.close()
  })

  it('traffic: nothing without a policy; with one, its rules with what the API says of them', async () => {
    const { page, close } = await open('')
    await page.waitForSelector('[data-panel="rooms"] tbody tr')
    await page.waitForFunction(() => performance.getEntriesByName(`${location.origin}/v1/traffic`).length > 0)
    assert.equal(await page.locator('[data-panel="traffic"]').count(), 0)
    const answer = await fetch(`${server.url}/v1/traffic/policy`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ caps: [{ over: 'host', share: 0.5, minutes: 60 }] }) })
    assert.ok(answer.ok, await answer.text())
    const { rules, version } = await server.get('/v1/traffic')
    assert.ok(rules.length > 0)
    await page.getByText(`policy ${version}`).waitFor()
    assert.deepEqual(await page.locator('[data-panel="traffic"] td .sub').allInnerTexts(), rules.map(r => r.reason))
    for (const [i, rule] of rules.entries()) await becomes(page, `[data-panel="traffic"] [data-row="${i}"] [data-metric="delivered"]`, rule.delivered)
    await close()
  })

  it('engine: shards, and refusals by code', async () => {
    await fetch(`${server.url}/v1/events`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"id":"bad","type":"nonsense","time":1}' })
    const { page, close } = await open('engine')
    await page.waitForSelector('[data-panel="refusals"] [data-metric="refused.invalid_type"]')
    const accepted = Number(await page.locator('[data-panel="shards"] [data-metric="accepted"]').first().getAttribute('data-value'))
    assert.ok(accepted > 100)
    await server.send({ type: 'like', room: 'r1', user: 'u1' })
    await page.waitForFunction(n => Number(document.querySelector('[data-panel="shards"] [data-metric="accepted"]').dataset.value) > n, accepted)
    await close()
  })

  it('what is not known is said, and found by its id', async () => {
    const { page, close } = await open('', { mayFail: true })
    await page.getByRole('searchbox', { name: /Id of a room/ }).fill('nobody')
    await page.keyboard.press('Enter')
    await page.getByText('Nothing is known under this id').waitFor()
    await page.selectOption('.find select', 'product')
    await page.getByRole('searchbox').fill('p2')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Cap' }).waitFor()
    await close()
  })

  it('can be used with the keyboard alone', async () => {
    const { page, close } = await open('')
    await page.waitForSelector('[data-row="r1"]')
    await page.keyboard.press('Tab')
    assert.equal(await page.evaluate(() => document.activeElement.className), 'skip')
    await page.keyboard.press('Enter')
    assert.equal(await page.evaluate(() => document.activeElement.id), 'content')
    for (let i = 0; i < 40 && !(await page.evaluate(() => document.activeElement.getAttribute('href') === '#/room/r1')); i++) await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: '夏日新品 首发' }).waitFor()
    await close()
  })

  it('lost connection is said, old numbers look old, and it goes on after the server restarts', async () => {
    const { page, close } = await open('room/r1', { mayFail: true })
    const before = await server.get('/v1/rooms/r1')
    await becomes(page, figure('interactions'), before.interactions)
    await server.stop('SIGKILL')
    await page.waitForSelector('[data-link="lost"]')
    assert.match(await text(page, '[data-link]'), /Connection lost, reconnecting/)
    await page.waitForSelector('.page.stale')
    await becomes(page, figure('interactions'), before.interactions)
    await server.run()
    await page.waitForSelector('[data-link="live"]')
    await page.waitForSelector('.page.stale', { state: 'detached' })
    await server.send({ type: 'like', room: 'r1', user: 'u1', count: 5 })
    await becomes(page, figure('interactions'), before.interactions + 5)
    await close()
  })

  it('a refused stream says why, and the rest of the page goes on', async () => {
    const full = await Server.start('--data', join(directory, 'full'), '--max-subscribers', '1')
    const context = await newContext({ locale: 'en-US' })
    try {
      await full.send(...broadcast())
      const page = await context.newPage()
      await page.goto(`${full.url}/#/room/r1`)
      await page.waitForSelector('[data-link="live"]')
      const second = await context.newPage()
      await second.goto(`${full.url}/#/room/r1`)
      await second.getByText('The server cannot give this now').waitFor()
      await second.getByText('too_many_subscribers').waitFor()
      await page.close()
      await second.waitForSelector('[data-link="live"]')
    } finally {
      await context.close()
      await full.stop()
    }
  })

  for (const lang of ['en', 'zh']) {
    for (const theme of ['light', 'dark']) {
      it(`every page fits in ${lang}, ${theme}, on a desk and on a phone`, async () => {
        for (const [width, height] of [[1440, 900], [390, 844]]) {
          for (const path of ['', 'room/r1', 'product/p1', 'user/u0', 'engine']) {
            const { page, close } = await open(path, { lang, theme, width, height })
            await page.waitForSelector('.figures')
            if (path === 'room/r1') await page.waitForSelector('[data-chart="gifts"] canvas')
            assert.equal(await page.evaluate(() => document.documentElement.lang), lang === 'zh' ? 'zh-CN' : 'en')
            assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), theme)
            assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${path} is too wide at ${width}`)
            const cut = await page.evaluate(() => [...document.querySelectorAll('.figure dt, .figure .big, .figure .note')].filter(e => e.scrollWidth > e.clientWidth).map(e => e.textContent))
            assert.deepEqual(cut, [], `${path} at ${width}`)
            if (path === '') assert.equal(await text(page, '.figures dt'), lang === 'zh' ? '事件/秒' : 'Events/s')
            if (path === 'room/r1' && lang === 'zh') assert.match(await text(page, '.figures'), /在线[\s\S]*场观 PV[\s\S]*人均观看时长[\s\S]*互动[\s\S]*打赏金额[\s\S]*成交金额/)
            await page.screenshot({ path: join(pictures, `${path.replace('/', '-') || 'live'}-${width}-${theme}-${lang}.png`), fullPage: true })
            await close()
          }
        }
      })
    }
  }

  it('language and theme are kept', async () => {
    const { page, close } = await open('')
    await page.click('#language')
    assert.equal(await text(page, '.figures dt'), '事件/秒')
    await page.selectOption('.choices select', 'dark')
    // Settings are kept once the page is painted with them.
    await page.waitForFunction(() => Object.values(localStorage).some(value => value.includes('dark')))
    await page.reload()
    await page.waitForSelector('.figures')
    assert.equal(await text(page, '.figures dt'), '事件/秒')
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark')
    await close()
  })
})
