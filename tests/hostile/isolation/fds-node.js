const fs = require('fs');

// Node keeps descriptors of its own (epoll, events, pipes between its threads). Anything else was inherited.
const own = /^(anon_inode:|pipe:|\/dev\/null$|\/box\/)/;
for (const name of fs.readdirSync('/proc/self/fd')) {
    let target;
    try { target = fs.readlinkSync(`/proc/self/fd/${name}`); } catch { continue; }
    if (+name <= 2) console.log(name, target.replace(/\d+/, 'N'));
    else if (!own.test(target) && !target.startsWith('/proc/')) console.log(`BREACH: ${name} is ${target}`);
}
// Frames of the agent's protocol on everything that takes bytes, but for the three streams and Node's own.
const frame = Buffer.concat([Buffer.from([1, 2, 0, 0, 0]), Buffer.from([0, 6])]);
let taken = 0;
for (let fd = 3; fd < 1024; fd++) {
    let target = '';
    try { target = fs.readlinkSync(`/proc/self/fd/${fd}`); } catch { continue; }
    if (/^socket:/.test(target)) taken++;
}
console.log('sockets:', taken, 'frame of', frame.length);
for (const pid of [1, process.ppid || 1, -1]) {
    try { fs.writeFileSync(`/proc/${pid}/fd/1`, frame); console.log(`BREACH: wrote to ${pid}`); } catch (error) { console.log(pid === -1 ? 'none:' : 'init:', error.code); }
}
// Init takes the signal and ignores it, unless the kernel knows Landlock's rules on signals.
try { process.kill(1, 'SIGKILL'); console.log('kill: in vain'); } catch (error) { console.log('kill:', error.code === 'EPERM' ? 'in vain' : error.code); }
require('net').connect(2375, '172.17.0.1').on('connect', () => console.log('BREACH: connected')).on('error', (error) => {
    console.log('connect:', error.code);
    require('dns').lookup('example.com', (error) => {
        console.log('lookup:', error ? 'fails' : 'BREACH');
        console.log('done');
    });
});
