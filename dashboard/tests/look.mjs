// Takes pictures of pages for people to look at: node tests/look.mjs URL DIR PAGE… (a page is live, engine, room/ID, …).
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { openBrowser } from './browser.mjs'

const [url = 'http://127.0.0.1:5080', directory = 'pictures', ...pages] = process.argv.slice(2)
mkdirSync(directory, { recursive: true })
const browser = await openBrowser()
for (const [width, height] of [[1440, 900], [390, 844]]) {
  for (const theme of ['light', 'dark']) {
    for (const lang of ['en', 'zh']) {
      if (process.env.FEW && (theme === 'dark') !== (lang === 'zh')) continue
      const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, locale: lang === 'zh' ? 'zh-CN' : 'en-US', timezoneId: 'Asia/Shanghai' })
      for (const name of pages.length ? pages : ['live', 'engine']) {
        const page = await context.newPage()
        page.on('console', message => { if (message.type() === 'error') console.error(`${name}: ${message.text()}`) })
        page.on('pageerror', error => console.error(`${name}: ${error}`))
        await page.goto(`${url}/#/${name}`)
        await page.waitForSelector('.figures')
        await page.waitForTimeout(Number(process.env.SETTLE ?? 3500))
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
        if (wide > 0) console.error(`${name} ${width} ${lang}: ${wide} px too wide`)
        await page.screenshot({ path: join(directory, `${name.replaceAll(/[^a-z0-9]/gi, '-')}-${width}-${theme}-${lang}.png`), fullPage: process.env.FULL === '1' })
        await page.close()
      }
      await context.close()
    }
  }
}
await browser.close()
