//! A system is held against our own worker, for which evenkeel itself is the best example.

use super::recipe::{System, server};

#[test]
fn evenkeel_differs_from_our_worker_in_nothing_but_the_names_of_its_workers() {
    let system = System::of(&[server()]);
    let differs = system.differs();
    assert_eq!(differs.len(), 1, "{differs:?}");
    let said = "answers name none of its workers: the first has `";
    assert!(differs[0].contains(said), "{differs:?}");
}
