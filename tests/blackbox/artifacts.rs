//! Files that programs leave in `out/`: which come back, and that nothing else does.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::server::Server;

type Test = fn(&Server);

pub(crate) fn trials(engine: &'static str, server: &Arc<Server>) -> Vec<Trial> {
    let cases: [(&str, Test); 5] = [
        ("plain_files_come_back", plain_files_come_back),
        ("they_are_events_too", they_are_events_too),
        ("links_pipes_and_devices_do_not", links_pipes_and_devices_do_not),
        ("there_is_a_bound", there_is_a_bound),
        ("a_program_that_fails_leaves_its_files_too", a_program_that_fails_leaves_its_files_too),
    ];
    let trial = |(name, test): (&str, Test)| {
        let server = server.clone();
        Trial::test(format!("artifacts::{engine}::{name}"), move || {
            test(&server);
            Ok(())
        })
    };
    cases.into_iter().map(trial).collect()
}

fn request(script: &str) -> Value {
    json!({"language": "shell", "files": [{"name": "main.sh", "content": script}]})
}

fn names(run: &Value) -> Vec<&str> {
    run["artifacts"].as_array().unwrap().iter().map(|artifact| artifact["name"].as_str().unwrap()).collect()
}

fn plain_files_come_back(server: &Server) {
    let script = r#"
        mkdir -p out/deep
        printf 'a,b\n1,ü\n' >out/table.csv
        printf '\211PNG\r\n\377' >out/deep/plot.PNG
        : >out/empty.txt
        echo no >out/program.exe; echo no >outside.txt; echo no >/tmp/out.txt
        umask 077; echo private >out/private.txt"#;
    let run = server.run(&request(script));
    assert_eq!(run["outcome"], "succeeded", "{run:#}");
    assert_eq!(names(&run), ["deep/plot.PNG", "empty.txt", "private.txt", "table.csv"]);
    let plot = &run["artifacts"][0];
    assert_eq!((&plot["media_type"], &plot["encoding"]), (&json!("image/png"), &json!("base64")));
    assert_eq!(STANDARD.decode(plot["content"].as_str().unwrap()).unwrap(), b"\x89PNG\r\n\xff");
    let table = &run["artifacts"][3];
    let expected =
        json!({"name": "table.csv", "media_type": "text/csv", "content": "a,b\n1,ü\n", "encoding": "utf-8"});
    assert_eq!(*table, expected);
    assert_eq!(run["artifacts_left_out"], 0);
    let nothing = server.run(&request("ls -A; echo end"));
    assert_eq!(nothing["artifacts"], json!([]), "the last run's files are still there");
}

fn they_are_events_too(server: &Server) {
    let events: Vec<_> = server.stream(&request("mkdir out; echo '<b>hi</b>' >out/page.html")).collect();
    let kinds: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    let at =
        |kind: &str| kinds.iter().position(|known| *known == kind).unwrap_or_else(|| panic!("{kinds:?}"));
    assert!(at("stage_end") < at("artifact") && at("artifact") < at("done"), "{kinds:?}");
    let artifact = &events[at("artifact")].1;
    assert_eq!((&artifact["name"], &artifact["content"]), (&json!("page.html"), &json!("<b>hi</b>\n")));
    assert_eq!(events[at("done")].1["artifacts"][0]["name"], "page.html");
}

fn links_pipes_and_devices_do_not(server: &Server) {
    let script = r"
        mkdir out elsewhere; echo secret >elsewhere/secret.txt
        ln -s /etc/passwd out/passwd.txt
        ln -s ../elsewhere out/folder
        ln -s /proc/self/environ out/environ.txt
        mkfifo out/pipe.txt
        mknod out/device.txt c 1 5 2>/dev/null
        mkdir out/folder.txt
        echo locked >out/locked.txt; chmod 000 out/locked.txt
        echo fine >out/fine.txt
        ln out/fine.txt out/twice.txt";
    let run = server.run(&request(script));
    assert_eq!(names(&run), ["fine.txt", "twice.txt"], "{run:#}");
    assert_eq!(run["artifacts_left_out"], 4, "{run:#}");
    let link = server.run(&request("mkdir elsewhere; echo x >elsewhere/x.txt; ln -s elsewhere out"));
    assert_eq!(link["artifacts"], json!([]));
    let link = server.run(&request("ln -s /etc out; ls out/passwd"));
    assert_eq!(link["artifacts"], json!([]));
}

fn there_is_a_bound(server: &Server) {
    let run = server.run(&request("mkdir out; for i in $(seq -w 50); do echo $i >out/$i.txt; done"));
    assert_eq!(names(&run).len(), 16, "{run:#}");
    assert_eq!(run["artifacts_left_out"], 34);
    let script = "mkdir out; head -c 5000000 /dev/zero >out/big.txt; truncate -s 60M out/sparse.txt; \
                  head -c 3000000 /dev/zero >out/fits.txt; head -c 2000000 /dev/zero >out/too.txt; echo x >out/zzz.txt";
    let run = server.run(&request(script));
    assert_eq!(names(&run), ["fits.txt", "zzz.txt"], "{:?}", names(&run));
    assert_eq!(run["artifacts"][0]["content"].as_str().unwrap().len(), 3_000_000);
}

fn a_program_that_fails_leaves_its_files_too(server: &Server) {
    for (end, outcome) in [("exit 3", "failed"), ("kill -9 $$", "failed")] {
        let run = server.run(&request(&format!("mkdir out; echo half >out/half.txt; {end}")));
        assert_eq!((&run["outcome"], names(&run)), (&json!(outcome), vec!["half.txt"]), "{run:#}");
    }
    let mut asked = request("mkdir out; echo half >out/half.txt; sleep 60");
    asked["limits"] = json!({"wall_ms": 300});
    let run = server.run(&asked);
    assert_eq!((&run["outcome"], names(&run)), (&json!("timed_out"), vec!["half.txt"]), "{run:#}");
}
