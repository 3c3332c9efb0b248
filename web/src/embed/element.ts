/**
 * `<polyground-snippet language="python">print(1)</polyground-snippet>`, or around a `<pre>`: a program in anybody's page that can
 * be run and edited. Until somebody does, it is text and this script alone; then the playground comes, in a frame of its own, so
 * that the page around it needs no rights here and gets none.
 *
 * Attributes: `language`; `version`, `file`, `stdin`, `args`, `height` (CSS); `theme`: `light` or `dark`, else the page's own.
 * `<pre slot="output">` in it, or the attribute `output`: what is shown until it is run, and where the server does not answer; the
 * former also where this script does not come. Imports nothing: one file is all there is.
 */

const SERVER = new URL(/* @vite-ignore */ '.', import.meta.url).href;

const STYLE = `
:host { display: block; margin: 1em 0; border: 1px solid; border-color: light-dark(#dfe2ea, #2a303c); border-radius: 10px;
  overflow: hidden; background: light-dark(#fff, #161a22); color: light-dark(#1b2130, #e3e7ef); color-scheme: light dark; }
:host([hidden]) { display: none; }
pre { margin: 0; padding: 12px 14px; overflow: auto; font: 14px/1.55 ui-monospace, Menlo, Consolas, monospace; tab-size: 4; }
.bar { display: flex; gap: 8px; align-items: center; padding: 6px 8px 6px 14px; font: 14px/1.4 system-ui, sans-serif;
  border-top: 1px solid light-dark(#dfe2ea, #2a303c); }
.name { margin-right: auto; color: light-dark(#535c6e, #a3adbd); }
button { font: inherit; font-weight: 600; padding: 5px 14px; border: 1px solid transparent; border-radius: 7px; cursor: pointer;
  background: light-dark(#4250d4, #a3adff); color: light-dark(#fff, #11152c); }
.edit { border-color: light-dark(#80889a, #6b7689); background: none; color: inherit; }
button:focus-visible { outline: 2px solid light-dark(#4250d4, #a3adff); outline-offset: 2px; }
.output { border-top: 1px solid light-dark(#dfe2ea, #2a303c); }
.away { padding: 6px 14px; font: 14px/1.4 system-ui, sans-serif; color: light-dark(#b3261e, #ff9c93); }
iframe { display: block; width: 100%; border: 0; }
`;

class PolygroundSnippet extends HTMLElement {
  private readonly root = this.attachShadow({ mode: 'open' });
  private code = '';
  /** What was recorded. */
  private output: string | undefined;

  connectedCallback(): void {
    // The parser may not have come to the program yet.
    if (document.readyState === 'loading') {
      document.addEventListener('DOMContentLoaded', () => this.show(), { once: true });
    } else this.show();
  }

  private show(): void {
    if (this.root.childElementCount > 0) return;
    const recorded = this.querySelector(':scope > [slot=output]');
    this.output = recorded?.textContent?.trimEnd() ?? this.getAttribute('output') ?? undefined;
    this.code = unindented(this.program(recorded));
    this.follow();
    const style = make('style', STYLE);
    const program = make('pre', this.code);
    program.tabIndex = 0;
    const bar = make('div', '', 'bar');
    const [edit, run] = [make('button', 'Edit', 'edit'), make('button', 'Run')];
    edit.addEventListener('click', () => this.open(false));
    run.addEventListener('click', () => this.open(true));
    bar.append(make('span', this.getAttribute('language') ?? '', 'name'), edit, run);
    this.root.append(style, program, bar);
    if (this.output !== undefined) this.root.append(make('pre', this.output, 'output'));
  }

  /** The text of the `<pre>` that is the program; where there is none, all there is but what was recorded. */
  private program(recorded: Element | null): string {
    const whole = this.querySelector(':scope > pre:not([slot])')?.textContent;
    return whole ?? [...this.childNodes].map((node) => (node === recorded ? '' : node.textContent)).join('');
  }

  /** Wears the page's theme, now and whenever it changes. */
  private follow(): void {
    const wear = () => {
      const theme = this.theme();
      if (this.style.colorScheme === theme) return;
      this.style.colorScheme = theme;
      this.root.querySelector('iframe')?.contentWindow?.postMessage({ theme }, SERVER);
    };
    const changes = new MutationObserver(() => setTimeout(wear));
    for (const node of [document.documentElement, document.body]) changes.observe(node, { attributes: true });
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', wear);
    document.addEventListener('transitionend', wear);
    wear();
  }

  /** Puts the playground in the program's place, and lets it run the program at once. */
  private async open(run: boolean): Promise<void> {
    this.root.querySelector('.away')?.remove();
    const there = await fetch(`${SERVER}embed.js`, { method: 'HEAD', mode: 'cors', cache: 'no-store' }).then(
      (answer) => answer.ok,
      () => false,
    );
    if (!there) {
      const recorded = this.output !== undefined ? ' Shown is the output that was recorded.' : '';
      const away = make('div', `The playground does not answer.${recorded}`, 'away');
      away.setAttribute('role', 'status');
      this.root.querySelector('.bar')?.after(away);
      return;
    }
    const frame = document.createElement('iframe');
    frame.title = `Playground: ${this.getAttribute('language') ?? 'program'}`;
    frame.style.height = this.getAttribute('height') ?? '420px';
    frame.allow = 'clipboard-write';
    frame.src = `${SERVER}embed/code?theme=${this.theme()}${run ? '&run=1' : ''}#code=${await packed(this, this.code)}`;
    this.root.replaceChildren(make('style', STYLE), frame);
  }

  /** What was asked for, else what the page around it looks like. */
  private theme(): string {
    const asked = this.getAttribute('theme');
    if (asked === 'light' || asked === 'dark') return asked;
    for (let at: Element | null = this.parentElement; at; at = at.parentElement) {
      const [red = 0, green = 0, blue = 0, alpha = 1] = (
        getComputedStyle(at).backgroundColor.match(/[\d.]+/g) ?? []
      ).map(Number);
      if (alpha > 0.5) return red * 0.299 + green * 0.587 + blue * 0.114 < 128 ? 'dark' : 'light';
    }
    const scheme = getComputedStyle(this.parentElement ?? document.documentElement).colorScheme;
    if (scheme === 'dark') return 'dark';
    return scheme.includes('dark') && matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  }
}

function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  text = '',
  className = '',
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  element.textContent = text;
  if (className) element.className = className;
  return element;
}

/** The program without the page's own indentation and empty lines around it. */
function unindented(text: string): string {
  const lines = text
    .replace(/^\s*\n/, '')
    .trimEnd()
    .split('\n');
  const indents = lines.filter((line) => line.trim()).map((line) => line.length - line.trimStart().length);
  const indent = Math.min(...indents, Number.MAX_SAFE_INTEGER);
  return `${lines.map((line) => line.slice(indent)).join('\n')}\n`;
}

/** The program as the playground reads it from a link (`src/work/links.ts`). */
async function packed(element: Element, code: string): Promise<string> {
  const given = (name: string) => element.getAttribute(name) ?? undefined;
  const program = {
    l: given('language') ?? '',
    v: given('version'),
    f: [[given('file') ?? '', code]],
    i: given('stdin'),
    a: given('args')?.split(/\s+/).filter(Boolean),
  };
  const stream = new Blob([JSON.stringify(program)])
    .stream()
    .pipeThrough(new CompressionStream('deflate-raw'));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

if (!customElements.get('polyground-snippet')) customElements.define('polyground-snippet', PolygroundSnippet);
