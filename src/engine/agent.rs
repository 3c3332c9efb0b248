//! The agent's binary, as `build.rs` built it: what every engine starts in its cells.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

/// The static agent for this machine's kind of processor.
pub static AGENT: &[u8] = include_bytes!(env!("POLYGROUND_AGENT_BINARY"));

/// Names this build of the agent: the first twelve hexadecimal digits of its SHA-256.
pub static AGENT_HASH: LazyLock<String> = LazyLock::new(|| {
    let digest = Sha256::digest(AGENT);
    digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
});

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        process::{Command, Stdio},
    };

    use polyground_protocol::{Decoder, Frame, FromAgent, Isolation, RunId, ToAgent, View, encode};

    use super::*;
    use crate::engine::{AgentPlace, CellSpec, Image, cell_config};

    /// Of a 64-bit ELF file: the types of its program headers.
    fn program_headers(elf: &[u8]) -> Vec<u32> {
        let word = |at: usize, bytes: usize| {
            elf[at..at + bytes].iter().rev().fold(0_usize, |value, byte| value << 8 | usize::from(*byte))
        };
        let (start, size, count) = (word(32, 8), word(54, 2), word(56, 2));
        (0..count).map(|n| u32::try_from(word(start + n * size, 4)).unwrap()).collect()
    }

    #[test]
    fn the_agent_needs_nothing_of_the_image_it_is_put_into() {
        const INTERPRETER: u32 = 3;
        assert_eq!(&AGENT[..5], b"\x7fELF\x02");
        assert!(!program_headers(AGENT).contains(&INTERPRETER), "the agent needs a dynamic loader");
    }

    #[test]
    fn a_build_has_a_short_name() {
        assert_eq!(AGENT_HASH.len(), 12);
    }

    /// The configuration of a nested cell, as an agent reads it.
    fn configuration() -> Vec<u8> {
        let spec = CellSpec {
            runtime: "test".into(),
            image: Image { id: "host".into(), size_bytes: None },
            isolation: Isolation::Nested,
            memory_bytes: 64 << 20,
            processes: 8,
            files_bytes: 1 << 20,
            overlay: Vec::new(),
            warm: Vec::new(),
        };
        let place = AgentPlace {
            view: View::Paths(vec!["/usr".into()]),
            mount_point: "/mnt".into(),
            single_use_uid: 0,
            own_cgroup: false,
        };
        let mut bytes = Vec::new();
        let message = ToAgent::Configure(cell_config(&spec, place));
        encode(&Frame { run: RunId::NONE, message }, &mut bytes).unwrap();
        bytes
    }

    /// The agent as a file. Another process writes it: a copy of a descriptor that writes, in a child of another test, would keep it from
    /// being executed.
    fn file(folder: &std::path::Path) -> std::path::PathBuf {
        let path = folder.join("agent");
        let mut shell = Command::new("sh");
        shell.args(["-c", "cat >\"$0\" && chmod 755 \"$0\""]).arg(&path).stdin(Stdio::piped());
        let mut shell = shell.spawn().unwrap();
        shell.stdin.take().unwrap().write_all(AGENT).unwrap();
        assert!(shell.wait().unwrap().success());
        path
    }

    /// Why an agent that is started so will not serve a nested cell, and its exit code.
    fn refusal(launcher: &[&str]) -> (String, Option<i32>) {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(launcher[0]);
        command.args(&launcher[1..]).arg(file(folder.path()));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut agent = command.spawn().unwrap();
        let mut stdin = agent.stdin.take().unwrap();
        stdin.write_all(&configuration()).unwrap();
        let (mut decoder, mut buffer) = (Decoder::new(), [0; 4096]);
        let mut stdout = agent.stdout.take().unwrap();
        let reason = loop {
            if let Some(frame) = decoder.next::<FromAgent>().unwrap() {
                match frame.message {
                    FromAgent::Hello(_) => {}
                    FromAgent::Failed { reason } => break reason,
                    other => break format!("it said {other:?}"),
                }
                continue;
            }
            match stdout.read(&mut buffer).unwrap() {
                0 => break "it said nothing".into(),
                count => decoder.push(&buffer[..count]),
            }
        };
        // One that serves after all ends with its connection.
        drop(stdin);
        (reason, agent.wait().unwrap().code())
    }

    #[test]
    fn an_agent_with_rights_serves_no_nested_cell() {
        let launchers: [&[&str]; 2] = [
            &["unshare", "--user", "--map-root-user"],
            // Not root, but with every capability of its user namespace.
            &["unshare", "--user", "--map-user=1000", "--keep-caps"],
        ];
        for launcher in launchers {
            let (reason, code) = refusal(launcher);
            assert!(reason.contains("runs as root or with capabilities"), "{launcher:?}: {reason}");
            assert_eq!(code, Some(78), "{launcher:?}");
        }
    }
}
