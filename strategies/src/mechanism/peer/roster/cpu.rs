//! CPU time of a peer, also of its processes that have ended.

use super::{PeerProcess, Roster};
use crate::usage::{BySide, CpuTime};

impl Roster {
    /// Returns the CPU time of the peer since its start. What a process had used that has ended is known to its parent
    /// only, of all its children together: it counts for the side that a reload replaces.
    ///
    /// `None` if that is not known: a process has ended that nobody of the peer was the parent of, or was not reaped
    /// yet, or one ends just now.
    pub(in crate::mechanism::peer) fn cpu(&mut self) -> Option<BySide<CpuTime>> {
        self.note_exits();
        let ended = || self.processes.iter().filter(|it| it.has_ended());
        let count = ended().count();
        let is_known =
            |it: &PeerProcess| it.process.parent != self.rule.supervisor && it.process.is_reaped();
        if !ended().all(is_known) {
            return None;
        }
        let own = |is_replaced: bool| -> Option<CpuTime> {
            let these = self.alive().filter(|it| it.is_replaced == is_replaced);
            these.map(|it| CpuTime::of(it.process.pid)).sum()
        };
        let of_ended = self
            .alive()
            .map(|it| CpuTime::of_ended_children(it.process.pid));
        let of_ended: Option<CpuTime> = of_ended.sum();
        let replaced: CpuTime = [own(true)?, of_ended?].into_iter().sum();
        let others = own(false)?;
        let has_others = self.alive().any(|it| !it.is_replaced);
        let sides = match self.rule.workers {
            Some(_) => BySide {
                dispatcher: has_others.then_some(others),
                workers: Some(replaced),
            },
            None => BySide {
                dispatcher: Some([replaced, others].into_iter().sum()),
                workers: None,
            },
        };
        self.note_exits();
        let now = self.processes.iter().filter(|it| it.has_ended()).count();
        (now == count).then_some(sides)
    }
}
