import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** The tool of this checkout, built for release; LIVEGRAINS names another. */
export const tool = process.env.LIVEGRAINS ?? join(root, 'src/LiveGrains.Cli/bin/Release/net10.0/livegrains')
export const toolIsThere = existsSync(tool)

export async function freePort() {
  const server = createServer()
  await new Promise(done => server.listen(0, '127.0.0.1', done))
  const { port } = server.address()
  await new Promise(done => server.close(done))
  return port
}

/** A running engine of its own, ended by its process id. */
export class Server {
  constructor(port, args) {
    this.url = `http://127.0.0.1:${port}`
    this.args = ['serve', '--urls', this.url, ...args]
    this.next = 0
  }

  static async start(...args) {
    for (let attempt = 1; ; attempt++) {
      const server = new Server(await freePort(), args)
      try {
        await server.run()
        return server
      } catch (error) {
        // One that nobody has an end for would keep this process from ending.
        await server.stop('SIGKILL')
        // Somebody took the port in between.
        if (attempt === 3 || !server.output.includes('address_in_use')) throw error
      }
    }
  }

  async run() {
    this.output = ''
    this.process = spawn(tool, this.args, { stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.process.stdout, this.process.stderr]) stream.on('data', data => { this.output = (this.output + data).slice(-10_000) })
    this.ended = new Promise(done => this.process.once('exit', done))
    const end = Date.now() + 180_000
    while (Date.now() < end && this.process.exitCode === null) {
      const ready = await fetch(`${this.url}/healthz/ready`, { signal: AbortSignal.timeout(10_000) }).then(r => r.ok, () => false)
      if (ready) return
      await new Promise(done => setTimeout(done, 50))
    }
    throw new Error(`The server did not start: ${this.output}`)
  }

  async stop(signal = 'SIGTERM') {
    if (this.process.exitCode === null && this.process.signalCode === null) this.process.kill(signal)
    await this.ended
  }

  async get(path) {
    const response = await fetch(this.url + path)
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return response.json()
  }

  /** Sends events that lack an id; all must be accepted. */
  async send(...events) {
    const body = events.map(event => JSON.stringify({ id: `e${++this.next}`, source: `browser-${this.process.pid}`, time: Date.now(), ...event })).join('\n')
    const response = await fetch(`${this.url}/v1/events`, { method: 'POST', headers: { 'content-type': 'application/x-ndjson' }, body })
    const answer = await response.json()
    if (answer.accepted !== events.length) throw new Error(`Not all was accepted: ${JSON.stringify(answer)}`)
  }
}

/** A broadcast with something in every part of a room's page. */
export function broadcast(now = Date.now()) {
  const events = [
    { type: 'room.start', time: now - 1_200_000, room: 'r1', title: '夏日新品 首发', host: '小美', category: '服饰', tags: ['夏季'] },
    { type: 'room.start', time: now - 600_000, room: 'r2', title: 'Late night talk', host: 'Ann', category: 'talk' },
    { type: 'room.start', time: now - 60_000, room: 'r3', host: 'Bo' },
    { type: 'product.upsert', product: 'p1', title: '亚麻衬衫', category: '服饰', price: 12_900, stock: 500, status: 'on' },
    { type: 'product.upsert', product: 'p2', title: 'Cap', category: '服饰', price: 5_900, stock: 20, status: 'on' },
  ]
  const channels = ['feed', 'search', 'follow', 'ad']
  for (let i = 0; i < 40; i++) {
    const user = `u${i}`
    events.push({ type: 'impression', room: 'r1', user }, { type: 'enter', room: 'r1', user, channel: channels[i % 4] })
    if (i % 2 === 0) events.push({ type: 'like', room: 'r1', user, count: 3 }, { type: 'comment', room: 'r1', user, text: 'private words' })
    if (i % 3 === 0) events.push({ type: 'impression', room: 'r1', product: 'p1', user }, { type: 'click', room: 'r1', product: 'p1', user })
    if (i % 6 === 0) events.push({ type: 'order', room: 'r1', product: 'p1', user, amount: 12_900 }, { type: 'pay', room: 'r1', product: 'p1', user, amount: 12_900 })
    if (i % 8 === 0) events.push({ type: 'gift', room: 'r1', user, amount: 6_600 }, { type: 'follow', room: 'r1', user })
    if (i % 10 === 0) events.push({ type: 'enter', room: 'r2', user }, { type: 'heartbeat', room: 'r3', user })
  }
  return events
}
