// Ways in which a server's own runtime is turned against it: its environment, its module paths, its workers.
const fs = require('fs');
const { execFileSync, spawnSync } = require('child_process');

for (const [label, attempt] of Object.entries({
    'the environment of init': () => fs.readFileSync('/proc/1/environ'),
    'the arguments of init': () => { if (/listen|serve|--data/.test(fs.readFileSync('/proc/1/cmdline', 'utf8'))) return 'the server'; throw { code: 'nothing' }; },
    'a global module': () => fs.writeFileSync('/usr/lib/node_modules/mark.js', ''),
    'the program itself': () => fs.writeFileSync(process.execPath, ''),
    'the next main file': () => { fs.rmSync('/box/main.js'); fs.symlinkSync('/etc/shadow', '/box/main.js'); return fs.readFileSync('/box/main.js') && 'read'; },
    'another user': () => process.setuid(0),
    'a child of root': () => spawnSync('id', { uid: 0 }).error ? (() => { throw { code: 'refused' }; })() : 'root',
    'a raw device': () => fs.openSync('/dev/sda', 'r'),
    'priority': () => require('os').setPriority(0, -20),
})) {
    try { console.log(`${label}: BREACH ${attempt()}`); } catch { console.log(`${label}: refused`); }
}
const { Worker } = require('worker_threads');
new Worker("require('worker_threads').parentPort.postMessage(process.getuid())", { eval: true }).on('message', (uid) => {
    console.log('a worker is root:', uid === 0 ? 'BREACH' : 'no');
    console.log('a child is root:', execFileSync('id', ['-u']).toString().trim() === '0' ? 'BREACH' : 'no');
    console.log('done');
});
