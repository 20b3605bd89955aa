//! When another system is ready: its workers are there, and it answers.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::PeerError;
use super::recipe::WorkerRule;
use super::running::{Member, members};
use crate::mechanism::peer::supervisor::Supervisor;

/// What is to become so.
#[derive(Clone, Copy, Debug)]
pub(super) struct Readiness<'a> {
    /// Where it is to answer.
    pub(super) address: SocketAddr,
    /// Of a server: how its workers are known, and how many there must be.
    pub(super) workers: Option<(&'a WorkerRule, usize)>,
    /// How long that may take.
    pub(super) within: Duration,
}

/// Why a system is not ready yet.
enum Lack<'a> {
    Workers {
        found: usize,
        ordered: usize,
        rule: &'a WorkerRule,
    },
    Answer(String),
    /// A command that is to end by itself has not.
    End,
}

/// Short beside the start of any of these systems, long beside a look at it.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// An answer from this machine takes less, unless none comes.
const ANSWER_WITHIN: Duration = Duration::from_secs(1);

impl<'a> Readiness<'a> {
    /// Waits for it; the processes that there are then.
    pub(super) fn wait(self, supervisor: &mut Supervisor) -> Result<Vec<Member>, PeerError> {
        let deadline = Instant::now() + self.within;
        loop {
            if let Some(reason) = supervisor.gave_up() {
                return Err(PeerError::GaveUp(reason));
            }
            match self.look(supervisor) {
                Ok(members) => return Ok(members),
                Err(lack) if Instant::now() >= deadline => {
                    return Err(self.late(lack, supervisor.last_lines()));
                }
                Err(_) => sleep(LOOK_EVERY),
            }
        }
    }

    fn look(&self, supervisor: &Supervisor) -> Result<Vec<Member>, Lack<'a>> {
        // A command that has started a daemon may be there a while longer than the daemon takes.
        if !supervisor.has_run_all() {
            return Err(Lack::End);
        }
        self.enough(supervisor)?;
        self.answers()?;
        self.enough(supervisor)
    }

    fn enough(&self, supervisor: &Supervisor) -> Result<Vec<Member>, Lack<'a>> {
        let rule = self.workers.map(|(rule, _)| rule);
        let members = members(supervisor.pid(), rule);
        let workers = members.iter().filter(|member| !member.role.is_dispatcher());
        let found = workers.count();
        match self.workers {
            Some((rule, ordered)) if found != ordered => Err(Lack::Workers {
                found,
                ordered,
                rule,
            }),
            _ => Ok(members),
        }
    }

    fn answers(&self) -> Result<(), Lack<'a>> {
        match status_of(self.address) {
            Ok(200) => Ok(()),
            Ok(status) => Err(Lack::Answer(format!("was answered with {status}"))),
            Err(error) => Err(Lack::Answer(format!("was not answered ({error})"))),
        }
    }

    fn late(self, lack: Lack<'_>, last_lines: String) -> PeerError {
        let (waited, address) = (self.within, self.address);
        match lack {
            Lack::Workers {
                found,
                ordered,
                rule,
            } => PeerError::Workers {
                found,
                ordered,
                named: rule.named.clone(),
                waited,
                last_lines,
            },
            Lack::End => PeerError::Unended { waited, last_lines },
            Lack::Answer(answer) => PeerError::Unanswered {
                waited,
                address,
                answer,
                last_lines,
            },
        }
    }
}

/// The status with which `GET /` is answered.
fn status_of(address: SocketAddr) -> io::Result<u16> {
    let mut stream = TcpStream::connect_timeout(&address, ANSWER_WITHIN)?;
    stream.set_read_timeout(Some(ANSWER_WITHIN))?;
    stream.set_write_timeout(Some(ANSWER_WITHIN))?;
    write!(
        stream,
        "GET / HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"
    )?;
    let mut answer = Vec::new();
    stream.take(LONGEST_ANSWER).read_to_end(&mut answer)?;
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    response.parse(&answer).map_err(io::Error::other)?;
    response
        .code
        .ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

/// More than `/` is answered with.
const LONGEST_ANSWER: u64 = 65536;
const MOST_HEADERS: usize = 64;
