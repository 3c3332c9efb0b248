"""Holds an interpreter that has started, until it is told what to run.

`site` imports this as the last thing before the main file is read. What happens afterwards is Python's own way to run a
file, so a warm start is the same as a cold one. The main file's name stands on the command line already; the
caller's arguments come in the line on descriptor 3.
"""

import os
import sys

folder = os.environ.pop("PYTHONPATH")
sys.path.remove(folder)

os.write(3, b"\n")
line = b""
while not line.endswith(b"\n"):
    part = os.read(3, 65536)
    if not part:
        os._exit(1)  # the agent has gone
    line += part
os.close(3)

# Only a run with arguments needs a parser. What it imports goes again: it would hide a caller's file of that name.
if b'"args":[]' not in line:
    known = set(sys.modules)
    from json import loads

    args = loads(line)["args"]
    sys.argv += args
    sys.orig_argv += args
    for name in set(sys.modules) - known:
        del sys.modules[name]

sys.path_importer_cache.pop(folder, None)
# As if there were no such module, which is what a cold start finds.
raise ModuleNotFoundError("No module named 'usercustomize'", name="usercustomize")
