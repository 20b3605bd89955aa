//! The kernel facilities that no safe wrapper covers. `unsafe` stands here and nowhere else.

pub(crate) mod idle_class;
