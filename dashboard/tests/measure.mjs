// Measures in a browser: event acknowledged → its number on the screen, and the size of the first load. node tests/measure.mjs [TRIALS]
import { mkdtempSync, rmSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBrowser } from './browser.mjs'
import { broadcast, Server } from './server.mjs'

const trials = Number(process.argv[2] ?? 100)
const directory = mkdtempSync(join(tmpdir(), 'livegrains-measure-'))
const server = await Server.start('--data', directory)
const browser = await openBrowser()
try {
  await server.send(...broadcast())
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  await page.goto(`${server.url}/#/room/r1`)
  let expected = (await server.get('/v1/rooms/r1')).interactions
  const shown = n => page.evaluate(value => new Promise(done => {
    const look = () => {
      const element = document.querySelector('.figures [data-metric="interactions"]')
      // The frame after the one in which the text is there has been painted.
      if (Number(element?.dataset.value) >= value) requestAnimationFrame(() => done(Date.now()))
      else requestAnimationFrame(look)
    }
    look()
  }), n)
  await shown(expected)
  const times = []
  for (let i = 0; i < trials; i++) {
    // At any place of a tick.
    await new Promise(done => setTimeout(done, 300 + Math.random() * 250))
    expected++
    const seen = shown(expected)
    await server.send({ type: 'like', room: 'r1', user: `u${i % 40}` })
    const acknowledged = Date.now()
    times.push(Math.max(0, (await seen) - acknowledged))
  }
  times.sort((a, b) => a - b)
  const at = q => times[Math.min(times.length - 1, Math.ceil(q * times.length) - 1)]
  const size = path => new Promise((done, fail) => get(server.url + path, { headers: { 'accept-encoding': 'gzip' } }, response => {
    let bytes = 0
    response.on('data', data => { bytes += data.length })
    response.on('end', () => done(bytes))
  }).on('error', fail))
  const html = await (await fetch(server.url)).text()
  const paths = ['/', ...[...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(m => m[1])]
  const sizes = await Promise.all(paths.map(size))
  console.log(JSON.stringify({ screenP50Ms: at(0.5), screenP95Ms: at(0.95), screenMaxMs: times.at(-1), trials, mustP95Ms: 1000, goalP95Ms: 300, firstLoadGzipBytes: sizes.reduce((a, b) => a + b, 0), mustBytes: 150_000, goalBytes: 90_000 }, null, 2))
} finally {
  await browser.close()
  await server.stop()
  rmSync(directory, { recursive: true, force: true })
}
