//! Kernel facilities without a safe wrapper; the only `unsafe` code of the program.

pub(crate) mod idle_class;
