//! How a connection, or a request, travels to a worker.
//!
//! Every file of this folder is one mechanism, which comes into use by a line in the
//! [catalogue](crate::catalog).

pub mod handoff;
pub mod nat;
pub mod peer;
pub mod proxy;
pub mod reuseport;
pub mod shared_listener;
pub mod single;
pub mod splice;
pub mod splice_sockmap;
pub mod threads;
