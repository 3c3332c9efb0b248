/** Loads the windows, at the latest when one is opened; soon after the page, so that they open without delay. */
let loading: Promise<typeof import('./windows')> | undefined;

export function windows(): Promise<typeof import('./windows')> {
  loading ??= import('./windows').catch((error) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

/** Milliseconds after which the windows are loaded even if the page is never idle. */
const SOON = 3000;

export function loadSoon(): void {
  const load = () => windows().catch(() => {});
  if ('requestIdleCallback' in window) requestIdleCallback(load, { timeout: SOON });
  else setTimeout(load, SOON);
}
