//! A snippet is run again on another version: does it still do what it did?

use std::sync::Arc;

use libtest_mimic::Trial;
use serde_json::{Value, json};

use super::{created, get, post};
use crate::server::Server;

pub(super) fn trial(server: &Arc<Server>) -> Trial {
    let server = server.clone();
    Trial::test("snippets::docker::one_is_run_again_on_another_version_and_compared", move || {
        on_another_version(&server);
        Ok(())
    })
}

/// Saves a program with the run that it had on the older version. Gives its path.
fn recorded(server: &Server, source: &str) -> String {
    let mut body =
        json!({"language": "python", "version": "3.11", "files": [{"name": "main.py", "content": source}]});
    let run = server.run(&body);
    assert_eq!(run["outcome"], "succeeded", "{run}");
    assert_eq!(run["runtime"]["id"], "python-3.11", "{run}");
    body["run"] = run;
    let saved = created(post(server, "", &body));
    let path = format!("/{}", saved["id"].as_str().unwrap());
    let opened: Value = get(server, &path).json().unwrap();
    assert_eq!(opened["run"]["runtime"]["id"], "python-3.11", "what it last ran on is kept");
    path
}

fn again(server: &Server, path: &str, asked: &Value) -> Value {
    for _ in 0..40 {
        let answer = post(server, &format!("{path}/runs"), asked);
        // Tests run side by side: the queue may be full for a moment.
        if answer.status() != 429 {
            assert_eq!(answer.status(), 200, "{asked}");
            return answer.json().unwrap();
        }
        std::thread::sleep(std::time::Duration::from_millis(250));
    }
    panic!("the queue stayed full");
}

fn on_another_version(server: &Server) {
    let telling = recorded(server, "import sys\nprint('steady')\nprint('%d.%d' % sys.version_info[:2])");
    let steady = recorded(server, "print(sum(range(10)))");
    let newer = json!({"version": "^3.13"});

    let other = again(server, &telling, &newer);
    assert_eq!(other["run"]["runtime"]["id"], "python-3.13", "{other}");
    assert_eq!(other["comparison"]["result"], "different", "{other}");
    let differences = other["comparison"]["differences"].as_array().unwrap();
    let [difference] = &differences[..] else { panic!("only the output differs: {other}") };
    assert_eq!((&difference["stage"], &difference["what"]), (&json!("run"), &json!("stdout")));
    assert_eq!(
        (&difference["recorded"], &difference["now"]),
        (&json!("steady\n3.11\n"), &json!("steady\n3.13\n"))
    );
    let diff = difference["diff"].as_str().unwrap();
    assert!(diff.contains(" steady\n-3.11\n+3.13\n"), "{diff}");

    let same = again(server, &steady, &newer);
    assert_eq!(same["run"]["runtime"]["id"], "python-3.13", "{same}");
    assert_eq!(same["comparison"], json!({"result": "same", "differences": []}), "{same}");
    // Without another range it is that of the snippet.
    let alike = again(server, &telling, &json!({}));
    assert_eq!(alike["run"]["runtime"]["id"], "python-3.11", "{alike}");
    assert_eq!(alike["comparison"]["result"], "same", "{alike}");
}
