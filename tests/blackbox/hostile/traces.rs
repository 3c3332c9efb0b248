//! What a run leaves in its network namespace: a run gets the one of the run before it only when there is nothing, and never sees the difference.

use std::{collections::BTreeSet, thread, time::Duration};

use libtest_mimic::Failed;
use serde_json::json;

use super::{answer::text, same_cell};
use crate::server::Server;

/// When the kernel has done what it does a little later.
const LATER: Duration = Duration::from_millis(400);

/// Ways to leave something there: the program, and whether it must be seen to have. Of the others it is enough that nobody finds it.
const WAYS: [(&str, &str, bool); 11] = [
    ("packets to itself", "s = socket(AF_INET, SOCK_DGRAM); s.sendto(b'x', ('127.0.0.1', 9))", true),
    ("a refused connection", "s = socket(); s.connect_ex(('127.0.0.1', 9))", true),
    (
        "a connection that outlives it",
        "l = create_server(('127.0.0.1', 4242)); c = create_connection(('127.0.0.1', 4242)); l.accept()[0].close(); c.recv(1); c.close()",
        true,
    ),
    (
        "packets to nowhere",
        "s = socket(AF_INET, SOCK_DGRAM)\ntry: s.sendto(b'x', ('192.0.2.1', 9))\nexcept OSError: pass",
        true,
    ),
    (
        "packets to nowhere by IPv6",
        "s = socket(AF_INET6, SOCK_DGRAM)\ntry: s.sendto(b'x', ('2001:db8::1', 9))\nexcept OSError: pass",
        false,
    ),
    (
        "a flow label",
        "import struct\ntry: socket(AF_INET6, SOCK_DGRAM).setsockopt(41, 32, struct.pack('16sIBBHHHI', inet_pton(AF_INET6, '::1'), htonl(0x12345), 0, 255, 1, 0, 60, 0))\nexcept OSError: pass",
        false,
    ),
    (
        "a group",
        "s = socket(AF_INET, SOCK_DGRAM)\ntry: s.setsockopt(IPPROTO_IP, IP_ADD_MEMBERSHIP, inet_aton('224.1.2.3') + inet_aton('127.0.0.1'))\nexcept OSError: pass",
        false,
    ),
    (
        "a group that it has left",
        "s = socket(AF_INET, SOCK_DGRAM)\ngroup = inet_aton('224.1.2.4') + inet_aton('127.0.0.1')\nfor option in (IP_ADD_MEMBERSHIP, IP_DROP_MEMBERSHIP):\n  try: s.setsockopt(IPPROTO_IP, option, group)\n  except OSError: pass",
        false,
    ),
    (
        "a group by IPv6",
        "import struct\ntry: socket(AF_INET6, SOCK_DGRAM).setsockopt(IPPROTO_IPV6, IPV6_JOIN_GROUP, inet_pton(AF_INET6, 'ff02::1234') + struct.pack('I', 1))\nexcept OSError: pass",
        false,
    ),
    (
        "descriptors on their way in a circle",
        "a, b = socketpair()\nsend_fds(a, [b'x'], [a.fileno(), b.fileno()])\nsend_fds(b, [b'x'], [a.fileno(), b.fileno()])",
        false,
    ),
    ("a name", "s = socket(AF_UNIX); s.bind('\\0mark'); s.listen()", false),
];

/// Prints which namespace this is and what there is to be seen in it.
const LOOK: &str = "import os
print(os.readlink('/proc/self/ns/net'))
for table in ['dev', 'snmp', 'snmp6', 'netstat', 'sockstat', 'sockstat6', 'unix', 'igmp', 'ip6_flowlabel', 'tcp', 'tcp6', 'udp', 'udp6', 'raw', 'route', 'ipv6_route', 'if_inet6']:
    path = f'/proc/net/{table}'
    if os.path.exists(path):
        text = open(path).read()
        # What the machine as a whole has in use, and how long a socket's place in memory is.
        if table == 'sockstat':
            text = '\\n'.join(' '.join(line.split()[:3]) for line in text.splitlines() if line.startswith(('UDP', 'RAW', 'FRAG')))
        print(table, text)
";

fn run(server: &Server, source: &str) -> Result<String, Failed> {
    let run = server.run(&json!({"language": "python", "files": [{"name": "main.py", "content": source}]}));
    if run["outcome"] == "succeeded" {
        Ok(text(&run["stages"][0], "stdout"))
    } else {
        Err(run.to_string().into())
    }
}

/// The namespace's name, and what is in it.
fn look(server: &Server) -> Result<(String, String), Failed> {
    let said = run(server, LOOK)?;
    let (name, tables) = said.split_once('\n').ok_or("nothing was seen")?;
    Ok((name.to_owned(), tables.to_owned()))
}

pub(super) fn in_one_cell(engine: &str) -> Result<(), Failed> {
    let server = same_cell::python_server(engine)?;
    let before = same_cell::cell(&server)?;
    let (mut name, fresh) = look(&server)?;
    assert!(fresh.contains("lo:"), "{fresh}");
    let (again, unchanged) = look(&server)?;
    assert_eq!((&again, &unchanged), (&name, &fresh), "a run that used nothing");
    let mut names = BTreeSet::from([name.clone()]);
    let mut wrong = Vec::new();
    for (way, source, is_seen) in WAYS {
        run(&server, &format!("from socket import *\n{source}\n"))?;
        let (next, tables) = look(&server)?;
        // Some of it the kernel does later.
        thread::sleep(LATER);
        let (_, late) = look(&server)?;
        for (when, seen) in [("after", &tables), ("later than", &late)] {
            if *seen != fresh {
                wrong.push(format!("{when} {way}:\n{seen}\ninstead of\n{fresh}"));
            }
        }
        if is_seen && next == name {
            wrong.push(format!("after {way}: the same namespace"));
        }
        names.insert(next.clone());
        name = next;
    }
    eprintln!("{engine}: {} network namespaces for {} runs", names.len(), 2 + 3 * WAYS.len());
    let after = same_cell::cell(&server)?;
    assert_eq!(before, after, "the runs were not in one cell");
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}
