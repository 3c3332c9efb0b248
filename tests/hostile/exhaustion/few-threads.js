// A runtime that gets fewer threads than it needs to start.
console.log("READY");
