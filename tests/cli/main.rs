//! The program as a process: exit codes, messages, and what remains after it ends.

mod aa;
mod alone;
mod builds;
mod changes;
mod client_timeouts;
mod compare;
mod costs;
mod defences;
mod disturbed;
mod environment;
mod expect;
mod exposure;
mod faults;
mod full_disk;
mod gate;
mod gate_builds;
mod hostile_input;
mod information;
mod installed;
mod interrupt;
mod load;
mod load_capacity;
mod load_trouble;
mod misuse;
mod peers;
mod precision;
mod program;
mod proxy_protocol;
mod recorded;
mod report;
mod resume;
mod run;
mod scenario;
mod served;
mod signals;
mod transports;
mod unmet;
mod worker_command;

#[path = "../support/processes.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "shared with other test binaries; each uses a part of it"
)]
mod processes;
