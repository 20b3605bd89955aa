//! A peer is compared with our own worker; evenkeel itself as a peer is the best example.

use super::recipe::{SmallPeer, server};

#[test]
fn evenkeel_as_a_peer_differs_from_our_worker_only_in_the_names_of_its_workers() {
    let peer = SmallPeer::of(&[server()]);
    let differs = peer.differs();
    assert_eq!(differs.len(), 1, "{differs:?}");
    let start = "answers name none of its workers: the first has `";
    assert!(differs[0].contains(start), "{differs:?}");
}
