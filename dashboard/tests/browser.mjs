import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'

const paths = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Where a browser is installed, or undefined. */
export const browserPath = paths.find(path => path && existsSync(path))

/** Opens the system's chromium, without a window. */
export const openBrowser = () => chromium.launch({ executablePath: browserPath, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
