//! What chooses a listener of the group in the kernel, and how it follows workers that come and go.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::OwnedFd;

use super::least::LeastBusy;
use super::steering::Steering;
use crate::launch::UnmetRequirement;
use crate::view::Life;

/// A way in which the kernel chooses, and the lives that it chooses among.
#[derive(Debug)]
pub(super) struct Chooser {
    program: Program,
    /// By place.
    lives: BTreeMap<usize, Life>,
}

#[derive(Debug)]
pub(super) enum Program {
    /// None: the kernel's own hash.
    Hash,
    /// Classic BPF.
    Steered(Steering),
    /// Extended BPF that reads the scoreboard.
    LeastBusy(LeastBusy),
}

impl Chooser {
    /// Lets the program choose among the first lives, whose listeners these are.
    pub(super) fn launch(program: Program, listeners: &[OwnedFd]) -> io::Result<Self> {
        let mut chooser = Self {
            program,
            lives: BTreeMap::new(),
        };
        for (place, listener) in listeners.iter().enumerate() {
            chooser.add(Life::first(place), listener)?;
        }
        let attach = |first| chooser.attach(first);
        listeners.first().map_or(Ok(()), attach)?;
        Ok(chooser)
    }

    /// Lets the program choose a new life as well. Its listener has joined the group.
    pub(super) fn admit(&mut self, life: Life, listener: &OwnedFd) -> io::Result<()> {
        self.add(life, listener)?;
        self.attach(listener)
    }

    /// Leaves a life out, whose listener has left the group. `other` is one that is there.
    pub(super) fn suspend(&mut self, life: Life, other: Option<&OwnedFd>) -> io::Result<()> {
        self.retire(life);
        other.map_or(Ok(()), |other| self.attach(other))
    }

    /// Whether the kernel gives the connections of a listener that leaves the group to another one, because of the
    /// program.
    pub(super) fn migrates(&self) -> bool {
        matches!(&self.program, Program::LeastBusy(least) if least.migrates)
    }

    /// Notes that a life gets nothing new. Only a listener of the group could replace the program, so the next
    /// one does. Until then, where the program chooses a listener that is gone, the kernel uses its hash.
    pub(super) fn retire(&mut self, life: Life) {
        if self.lives.get(&life.place) == Some(&life) {
            self.lives.remove(&life.place);
        }
    }

    /// Whether a listener that is closed and opened again is chosen then.
    pub(super) fn can_refuse(&self) -> Result<(), UnmetRequirement> {
        match self.program {
            Program::Hash | Program::Steered(_) => Ok(()),
            Program::LeastBusy(_) => Err(UnmetRequirement(
                "a listener that refuses leaves the map of its BPF program, which would not choose it again"
                    .to_owned(),
            )),
        }
    }

    fn add(&mut self, life: Life, listener: &OwnedFd) -> io::Result<()> {
        self.lives.insert(life.place, life);
        match &self.program {
            Program::LeastBusy(least) => least.put(life.place, listener),
            Program::Hash | Program::Steered(_) => Ok(()),
        }
    }

    /// Attaches the program to the group of a listener.
    fn attach(&self, listener: &OwnedFd) -> io::Result<()> {
        let lives: Vec<Life> = self.lives.values().copied().collect();
        match &self.program {
            Program::Hash => Ok(()),
            // A successor gets the index of the listener before it when that one is closed.
            Program::Steered(steering) => steering.attach(listener, lives.len()),
            Program::LeastBusy(least) => least.attach(listener, &lives),
        }
    }
}
