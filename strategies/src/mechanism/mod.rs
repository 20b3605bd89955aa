//! How a connection, or a request, travels to a worker.
//!
//! Every file of this folder is one mechanism. It is declared by being there (no `mod` line),
//! and it comes into use by a line in the [catalogue](crate::catalog).

automod::dir!(pub "src/mechanism");
