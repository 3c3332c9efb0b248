/** The windows that open over the page: one chunk, which comes after the page itself. */
export { default as Examples } from './Examples.svelte';
export { default as FileDialog } from './FileDialog.svelte';
export { default as RuntimePicker } from './RuntimePicker.svelte';
export { default as SettingsDialog } from './SettingsDialog.svelte';
export { default as ShareDialog } from './ShareDialog.svelte';
