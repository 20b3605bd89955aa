//! What is compared: our proxy, our worker, and other proxies.

use std::any::Any;
use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use evenkeel_strategies::mechanism::proxy::engine::{ProxySpec, serve};
use evenkeel_strategies::policy::{PolicyInfo, Setup};
use evenkeel_strategies::{ClientLimits, ConnectionLimits, Defences, catalog};
use tempfile::TempDir;
use tokio::sync::oneshot;

use crate::backend::Backend;
use crate::support::launch;
use crate::support::processes::eventually;

/// A time limit that no step of these tests reaches.
const LIMIT: Duration = Duration::from_secs(60);

/// Where other proxies listen: an address of their own, since the kernel may give a free port of the usual one
/// to a client of another test.
const ADDRESS: &str = "127.0.46.1:0";

/// A running system. It ends when this is dropped.
pub(crate) struct System {
    pub(crate) server: Server,
    _running: Box<dyn Any>,
}

/// What clients connect to.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    /// The server behind it. A worker has none.
    pub(crate) backend: Option<Backend>,
}

impl System {
    fn new(address: SocketAddr, backend: Option<Backend>, running: impl Any) -> Self {
        Self {
            server: Server { address, backend },
            _running: Box::new(running),
        }
    }
}

/// Another proxy: how it is found and started.
pub(crate) struct Other {
    pub(crate) name: &'static str,
    /// Its name in the list of peers that must run.
    pub(crate) peer: &'static str,
    configuration: &'static str,
    /// Arguments before the name of its configuration file.
    arguments: &'static [&'static str],
}

pub(crate) const NGINX: Other = Other {
    name: "nginx",
    peer: "nginx-proxy",
    configuration: include_str!("data/nginx.conf"),
    arguments: &["-e", "stderr", "-p", ".", "-c"],
};

pub(crate) const HAPROXY: Other = Other {
    name: "haproxy",
    peer: "haproxy",
    configuration: include_str!("data/haproxy.cfg"),
    arguments: &["-db", "-f"],
};

impl Other {
    /// Returns the version that is installed, such as `nginx version: nginx/1.22.1`, or `None`.
    pub(crate) fn version(&self) -> Option<String> {
        let said = Command::new(self.name).arg("-v").output().ok()?;
        let said = [said.stdout, said.stderr].concat();
        String::from_utf8_lossy(&said)
            .lines()
            .next()
            .map(str::to_owned)
    }

    pub(crate) fn start(&self) -> System {
        let backend = Backend::start();
        let free = TcpListener::bind(ADDRESS).and_then(|socket| socket.local_addr());
        let address = free.expect("a free port");
        let folder = TempDir::new().expect("a temporary folder");
        let configuration = self
            .configuration
            .replace("{{ address }}", &address.to_string())
            .replace("{{ backend }}", &backend.address.to_string());
        let file = folder.path().join("configuration");
        fs::write(file, configuration).expect("it is writable");
        let running = Running(self.spawn(folder.path()), folder);
        eventually("it listens", || TcpStream::connect(address).is_ok());
        System::new(address, Some(backend), running)
    }

    fn spawn(&self, folder: &Path) -> Child {
        // The kernel ends it with this thread, also if the test is killed (setpriv(1)).
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--", self.name]);
        command.args(self.arguments).arg("configuration");
        command.current_dir(folder).stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().expect("it is installed")
    }
}

/// A process of one other proxy, and its folder.
struct Running(
    Child,
    #[expect(dead_code, reason = "removed when dropped")] TempDir,
);

impl Drop for Running {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _status = self.0.wait();
    }
}

/// Starts a worker of evenkeel, to which clients connect directly.
pub(crate) fn worker() -> System {
    let single = catalog::select(&["single"]).expect("a key of the catalogue")[0];
    let fleet = launch(single, 1);
    System::new(fleet.address(), None, fleet)
}

/// Starts our proxy. A policy that reads a field of each request puts all requests on the slow path.
pub(crate) fn proxy(policy: &'static PolicyInfo) -> System {
    let backend = Backend::start();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let (stop, stopped) = oneshot::channel();
    let worker = backend.address;
    let thread = thread::spawn(move || run(listener, spec(worker, policy), stopped));
    let running = Proxy {
        stop: Some(stop),
        thread: Some(thread),
    };
    System::new(address, Some(backend), running)
}

fn spec(worker: SocketAddr, policy: &PolicyInfo) -> ProxySpec {
    ProxySpec {
        upstreams: vec![worker],
        policy: (policy.make)(&Setup::new(1, 0)),
        header_within: None,
        client_limits: ClientLimits::default(),
        connection_limits: ConnectionLimits::default(),
        defences: Defences::default(),
        journal: None,
        connect_timeout: LIMIT,
        answer_timeout: LIMIT,
        drain_within: Duration::ZERO,
        room: 100,
    }
}

fn run(listener: TcpListener, spec: ProxySpec, stopped: oneshot::Receiver<()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(async {
        listener.set_nonblocking(true).expect("it is open");
        let listener = tokio::net::TcpListener::from_std(listener);
        let stopped = async { drop(stopped.await) };
        serve(listener.expect("within a runtime"), spec, stopped).await;
    });
}

struct Proxy {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        drop(self.stop.take());
        // A panic of that thread has shown its message.
        let _ended = self.thread.take().map(JoinHandle::join);
    }
}
