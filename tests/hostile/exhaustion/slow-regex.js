// One call that does not come back: no timer or signal handler of the language runs.
console.log("started");
console.log(/^(a+)+$/.test("a".repeat(60) + "b"));
