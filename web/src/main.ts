import { mount } from 'svelte';
import './app.css';
import App from './App.svelte';
import { settings } from './app/settings.svelte';

settings.begin();
const target = document.getElementById('app');
if (target) mount(App, { target });
