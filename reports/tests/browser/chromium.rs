//! A headless Chromium without a network, spoken to by the DevTools protocol over a pipe
//! (<https://chromedevtools.github.io/devtools-protocol/>).

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

/// Chromium reads commands from descriptor 3 and answers on 4. One that hangs is ended by
/// `timeout`, and the test fails at the end of the pipe.
const START: &str = "exec timeout 180 chromium --headless --no-sandbox --disable-gpu \
    --disable-quic --no-first-run --disable-background-networking --disable-component-update \
    --disable-sync --disable-dev-shm-usage --remote-debugging-pipe --user-data-dir=\"$1\" \
    about:blank 3<&0 4>&1 1>/dev/null 2>/dev/null";

pub(crate) struct Chromium {
    process: Child,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    session: Option<Value>,
    /// Messages that no command asked for.
    pub(crate) events: Vec<Value>,
    last_id: u64,
    _profile: TempDir,
}

impl Chromium {
    /// Opens a page; `None`, and a line that says so, where there is no Chromium.
    pub(crate) fn open(page: &Path) -> Option<Chromium> {
        let there = Command::new("chromium").arg("--version").output();
        if !there.is_ok_and(|output| output.status.success()) {
            eprintln!("SKIPPED: no chromium; `apt-get install chromium` lets this test run");
            return None;
        }
        let mut chromium = Chromium::start();
        let target = chromium.call("Target.createTarget", json!({ "url": "about:blank" }));
        let target = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = chromium.call("Target.attachToTarget", target);
        chromium.session = Some(attached["sessionId"].clone());
        for domain in ["Runtime", "Log", "Network", "Page"] {
            chromium.call(&format!("{domain}.enable"), json!({}));
        }
        let offline = json!({
            "offline": true, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0
        });
        chromium.call("Network.emulateNetworkConditions", offline);
        let url = format!("file://{}", page.display());
        chromium.call("Page.navigate", json!({ "url": url }));
        while !chromium.has_event("Page.loadEventFired") {
            let message = chromium.read();
            chromium.events.push(message);
        }
        Some(chromium)
    }

    fn start() -> Chromium {
        let profile = TempDir::new().unwrap();
        let mut process = Command::new("sh")
            .args(["-c", START, "sh"])
            .arg(profile.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Chromium {
            commands: process.stdin.take(),
            answers: BufReader::new(process.stdout.take().unwrap()),
            process,
            session: None,
            events: Vec::new(),
            last_id: 0,
            _profile: profile,
        }
    }

    /// Gives a command and returns its result.
    pub(crate) fn call(&mut self, method: &str, params: Value) -> Value {
        self.last_id += 1;
        let mut command = json!({ "id": self.last_id, "method": method, "params": params });
        if let Some(session) = &self.session {
            command["sessionId"] = session.clone();
        }
        let pipe = self.commands.as_mut().unwrap();
        write!(pipe, "{command}\0").unwrap();
        loop {
            let mut message = self.read();
            if message["id"] == self.last_id {
                assert!(message["error"].is_null(), "{method}: {message}");
                return message["result"].take();
            }
            self.events.push(message);
        }
    }

    /// The value of an expression in the page.
    pub(crate) fn value(&mut self, expression: &str) -> Value {
        let params = json!({ "expression": expression, "returnByValue": true });
        let mut result = self.call("Runtime.evaluate", params);
        assert!(
            result["exceptionDetails"].is_null(),
            "{expression}: {result}"
        );
        result["result"]["value"].take()
    }

    /// Presses a key on what has the focus.
    pub(crate) fn press(&mut self, key: &str, code: u32, text: &str) {
        for kind in ["keyDown", "keyUp"] {
            let params = json!({
                "type": kind, "key": key, "windowsVirtualKeyCode": code,
                "text": if kind == "keyDown" { text } else { "" },
            });
            self.call("Input.dispatchKeyEvent", params);
        }
    }

    pub(crate) fn has_event(&self, method: &str) -> bool {
        self.events.iter().any(|event| event["method"] == method)
    }

    fn read(&mut self) -> Value {
        let mut message = Vec::new();
        self.answers.read_until(0, &mut message).unwrap();
        assert_eq!(message.pop(), Some(0), "chromium ended before it answered");
        serde_json::from_slice(&message).unwrap()
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // It ends when nobody speaks to it any more.
        self.commands.take();
        let _ = self.process.wait();
    }
}
