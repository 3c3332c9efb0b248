// Memory outside of the language's own heap, which its bound does not count.
const kept = [];
console.log("started");
for (;;) kept.push(Buffer.alloc(8 << 20, 1));
