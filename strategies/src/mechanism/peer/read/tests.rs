use super::*;
use crate::catalog;
use crate::strategy::Strategy;

#[test]
fn every_built_in_recipe_can_be_used() {
    for peers in built_in() {
        let peers = peers.unwrap_or_else(|error| panic!("{error}"));
        for peer in &peers {
            for key in peer.counterparts() {
                catalog::select(&[key]).unwrap_or_else(|error| panic!("{}: {error}", peer.key()));
            }
        }
    }
}
