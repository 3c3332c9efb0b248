import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';

/** Files smaller than this travel as they are. Bytes. */
const WORTH_COMPRESSING = 512;

/** Writes `name.br` and `name.gz` beside every text file, so that the server never compresses anything itself. */
function precompressed(): Plugin {
  return {
    name: 'polyground-precompressed',
    apply: 'build',
    // When the files are written: only then has the bundler put in the last of what belongs in them.
    writeBundle({ dir = '' }, bundle) {
      for (const name of Object.keys(bundle).filter((name) => /\.(js|css|html|svg|json|txt)$/.test(name))) {
        const bytes = readFileSync(join(dir, name));
        if (bytes.length < WORTH_COMPRESSING) continue;
        const params = {
          [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
          [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
        };
        writeFileSync(join(dir, `${name}.br`), brotliCompressSync(bytes, { params }));
        writeFileSync(join(dir, `${name}.gz`), gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION }));
      }
    },
  };
}

/** Leaves out the completions of the editor's languages; see the stand-ins. */
function withoutCompletions(): Plugin {
  const standIn = (name: string) => new URL(`src/editor/${name}.ts`, import.meta.url).pathname;
  return {
    name: 'polyground-without-completions',
    enforce: 'pre',
    resolveId(id, importer = '') {
      if (id === '@codemirror/autocomplete' && importer.includes('/@codemirror/lang-'))
        return standIn('no-completions');
      if (id === '@codemirror/lang-python' && importer.includes('/@codemirror/language-data/'))
        return standIn('python');
      return undefined;
    },
  };
}

/** A chunk's own name, or that of the package it is from where the name says nothing. */
function chunkName(name: string, modules: string[]): string {
  const [, found] = /.*node_modules\/(?:@[\w-]+\/)?([\w.-]+)/.exec(modules[modules.length - 1] ?? '') ?? [];
  return name === 'dist' || name === 'index' ? (found ?? name) : name;
}

export default defineConfig({
  plugins: [withoutCompletions(), svelte(), precompressed()],
  build: {
    target: 'es2022',
    // The content security policy allows no `data:` but for pictures that programs made.
    assetsInlineLimit: 0,
    modulePreload: {
      polyfill: false,
      // What is there already need not be asked for again, nor named in the page's script.
      resolveDependencies: (_file, needed, { hostType }) =>
        hostType === 'html'
          ? needed
          : needed.filter((name) => !/\/(index-client|view|rolldown-runtime)-/.test(name)),
    },
    manifest: true,
    rolldownOptions: {
      input: ['index.html', 'src/embed/element.ts'],
      output: {
        entryFileNames: ({ name }) => (name === 'element' ? 'embed.js' : 'assets/[name]-[hash].js'),
        chunkFileNames: ({ name, moduleIds }) => `assets/${chunkName(name, moduleIds)}-[hash].js`,
      },
    },
    reportCompressedSize: false,
  },
  server: { proxy: { '/api': process.env.POLYGROUND ?? 'http://127.0.0.1:8080' } },
});
