'use strict';

// Shows how strings with combining marks, emoji, right-to-left scripts and
// unusual case mappings are measured, split, compared and transformed.

const samples = {
  precomposed: 'é',
  combining: 'e\u0301',
  zalgo: 'z\u0351\u036b\u0343\u032a',
  hangul: '한국어',
  jamo: '\u1112\u1161\u11ab',
  family: '👨‍👩‍👧‍👦',
  flag: '🇵🇹🇯🇵',
  skinTone: '👍🏽',
  keycap: '1️⃣',
  hebrew: 'שלום עולם',
  arabic: 'مرحبا بالعالم',
  mixed: 'abc אבג 123',
  devanagari: 'नमस्ते',
  ligature: 'ﬁnance',
  astral: '𝒳𝔂𝟘',
};

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
const graphemes = (s) => Array.from(segmenter.segment(s), ({ segment }) => segment);
const points = (s) => Array.from(s, (ch) => 'U+' + ch.codePointAt(0).toString(16).toUpperCase().padStart(4, '0'));

console.log('name          units points graphemes bytes  text');
for (const [name, text] of Object.entries(samples)) {
  const counts = [text.length, [...text].length, graphemes(text).length, Buffer.byteLength(text)];
  console.log(name.padEnd(13), counts.map((n) => String(n).padStart(5)).join(' '), ' ', text);
}

console.log('\nnormalization:');
for (const key of ['precomposed', 'combining', 'jamo', 'ligature', 'astral']) {
  for (const form of ['NFC', 'NFD', 'NFKC', 'NFKD']) {
    const out = samples[key].normalize(form);
    console.log(`  ${key} ${form}: ${out} [${points(out).join(' ')}]`);
  }
}
console.log('equal raw:', samples.precomposed === samples.combining);
console.log('equal NFC:', samples.precomposed === samples.combining.normalize());

console.log('\ncase mapping:');
for (const word of ['straße', 'ΌΔΥΣΣΕΥΣ', 'ﬃ', 'ǆ', 'İstanbul', 'ıĞ', 'ⅷ', '𐐨']) {
  console.log(`  ${word}: upper ${word.toUpperCase()} lower ${word.toLowerCase()}`);
}
console.log('  Turkish i:', 'title'.toLocaleUpperCase('tr'), 'TITLE'.toLocaleLowerCase('tr'));

const reverse = (s) => graphemes(s).reverse().join('');
console.log('\nreversal:');
for (const text of ['mañana', 'man\u0303ana', samples.flag, samples.family + '!', samples.hebrew]) {
  console.log(`  naive ${[...text].reverse().join('')} | graphemes ${reverse(text)}`);
}

console.log('\nscripts:');
const scripts = ['Latin', 'Greek', 'Cyrillic', 'Hebrew', 'Arabic', 'Han', 'Hiragana', 'Thai'];
const phrase = 'Hello Κόσμε мир שלום سلام 世界 せかい โลก';
for (const script of scripts) {
  const found = phrase.match(new RegExp(`\\p{Script=${script}}+`, 'gu')) ?? [];
  console.log(`  ${script}: ${found.join(', ')}`);
}

const stripMarks = (s) => s.normalize('NFD').replace(/\p{M}/gu, '');
console.log('\nstripped:', ['Ångström', 'Crème Brûlée', 'Việt Nam', 'Łódź'].map(stripMarks).join(' | '));
console.log('sorted:', ['zebra', 'Äpfel', 'apple', 'ähnlich', 'Öl', 'ol'].sort(new Intl.Collator('de').compare).join(' '));
console.log('escaped:', JSON.stringify('\u2028 \ud800 \u0007 \u00a0'));
console.log('lone surrogate:', 'a\ud83db'.isWellFormed(), 'a\ud83db'.toWellFormed());
console.log('isolates: \u2067', samples.mixed, '\u2069 end');
