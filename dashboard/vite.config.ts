import { defineConfig } from 'vite'

// The built files are committed with the server, so that a checkout needs no npm. Their bytes depend on package-lock.json only.
export default defineConfig({
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact', legalComments: 'none' },
  build: { outDir: '../src/LiveGrains.Server/wwwroot', emptyOutDir: true, target: 'es2022', modulePreload: false, reportCompressedSize: false, cssCodeSplit: false },
  server: { proxy: { '/v1': 'http://127.0.0.1:5080', '/metrics': 'http://127.0.0.1:5080' } },
})
