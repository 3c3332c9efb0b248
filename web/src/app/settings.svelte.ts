/** What somebody likes: kept in this browser. */
import { identity } from '../api/client';
import { isText, keep, recall } from '../work/drafts';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const isTheme = (value: unknown): value is Theme => THEMES.some((theme) => theme === value);
const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';

class Settings {
  theme = $state<Theme>(recall('theme', isTheme) ?? 'system');
  vim = $state(recall('vim', isFlag) ?? false);
  /** Whether the terminal keeps what it shows as text for screen readers. */
  readable = $state(recall('readable', isFlag) ?? false);
  /** An API key; empty: none. */
  key = $state(recall('key', isText) ?? '');
  /** Whether the panel for input is open; unset: as the page's size suggests. */
  inputs = $state<boolean | undefined>(recall('inputs', isFlag));

  /** The language that was chosen last. */
  get language(): string | undefined {
    return recall('language', isText);
  }

  set language(name: string) {
    keep('language', name);
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    keep('theme', theme);
    this.put(theme);
  }

  setVim(on: boolean): void {
    this.vim = on;
    keep('vim', on);
  }

  setReadable(on: boolean): void {
    this.readable = on;
    keep('readable', on);
  }

  setKey(key: string): void {
    this.key = key.trim();
    keep('key', this.key);
    this.identify();
  }

  setInputs(open: boolean): void {
    this.inputs = open;
    keep('inputs', open);
  }

  /** Puts the theme on the page: in a frame that of the page around it, which tells when it changes. */
  begin(): void {
    this.identify();
    const around: unknown = new URLSearchParams(location.search).get('theme');
    this.put(isTheme(around) ? around : this.theme);
    if (parent === window) return;
    addEventListener('message', ({ source, data }) => {
      if (source === parent && isTheme(data?.theme)) this.put(data.theme);
    });
  }

  private identify(): void {
    identity['x-api-key'] = this.key;
    if (!this.key) delete identity['x-api-key'];
  }

  private put(theme: Theme): void {
    document.documentElement.dataset.theme = theme;
  }
}

export const settings = new Settings();
