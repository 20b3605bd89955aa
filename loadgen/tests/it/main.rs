//! The load generator against small servers, in one executable: linking one for each file would take most of the
//! time. Tests that need a process of their own are next to this folder.

mod account;
mod account_of_random_servers;
mod addresses;
mod batches;
mod closed_loop;
mod corpus;
mod hang;
mod idle;
mod intervals;
mod lenient;
mod limits;
mod open_loop;
mod parser;
mod pipeline;
mod predict;
mod proxy_header;
mod reach;
mod request_log;
mod stall;
mod statuses;
mod tls;
mod tls_trouble;
mod trouble;
mod websocket;
mod worker_names;

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/pieces.rs"]
#[allow(unreachable_pub, reason = "shared with the fuzz target")]
mod pieces;
#[path = "../common/secure.rs"]
mod secure;
