/** Loads what no first visit needs: at the latest when it is wanted; soon after the page, so that it is there without delay. */
let loading: Promise<typeof import('./windows')> | undefined;

/** The windows. Where they cannot be loaded, that is told and nothing comes. */
export function windows(onlost: () => void): Promise<typeof import('./windows')> {
  return load().catch(() => {
    onlost();
    return new Promise<never>(() => {});
  });
}

function load(): Promise<typeof import('./windows')> {
  loading ??= import('./windows').catch((error) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

/** Milliseconds after which all this is loaded even if the page is never idle. */
const SOON = 3000;

/** What must be there when the server has gone: its visitors then want to take their work with them. */
export function loadSoon(): void {
  const parts = () => {
    for (const part of [load(), import('../app/sharing'), import('./Artifacts.svelte')]) part.catch(() => {});
  };
  if ('requestIdleCallback' in window) requestIdleCallback(parts, { timeout: SOON });
  else setTimeout(parts, SOON);
}
