const fs = require("fs");
const line = "e".repeat(4000) + "\n";
for (;;) fs.writeSync(2, line);
