//! A list of workers, in which each stands once at most.

/// Workers one behind another. Whoever joins at the end or leaves, from wherever, costs the same
/// however long the list is; nothing is allocated after the start.
///
/// A doubly linked ring through an anchor: the entry after the last worker's.
#[derive(Clone, Debug)]
pub(crate) struct FreeList {
    next: Vec<usize>,
    previous: Vec<usize>,
}

impl FreeList {
    /// All of so many workers, in the order of their numbers.
    pub(crate) fn of_all(count: usize) -> Self {
        let nobody = Self {
            next: (0..=count).collect(),
            previous: (0..=count).collect(),
        };
        (0..count).fold(nobody, |mut list, worker| {
            list.join(worker);
            list
        })
    }

    /// Who stands first.
    pub(crate) fn first(&self) -> Option<usize> {
        let first = self.next[self.anchor()];
        (first != self.anchor()).then_some(first)
    }

    /// A worker who is not in the list goes to its end.
    pub(crate) fn join(&mut self, worker: usize) {
        self.join_before(self.anchor(), worker);
    }

    /// A worker who is not in the list goes before the first of whom that is true, else to its
    /// end. O(n).
    pub(crate) fn join_where(&mut self, worker: usize, comes_later: impl Fn(usize) -> bool) {
        let mut place = self.next[self.anchor()];
        while place != self.anchor() && !comes_later(place) {
            place = self.next[place];
        }
        self.join_before(place, worker);
    }

    /// A worker leaves the list, if it is there.
    pub(crate) fn leave(&mut self, worker: usize) {
        let (before, after) = (self.previous[worker], self.next[worker]);
        self.next[before] = after;
        self.previous[after] = before;
        // Whoever is in no list stands before and behind itself.
        self.next[worker] = worker;
        self.previous[worker] = worker;
    }

    fn join_before(&mut self, place: usize, worker: usize) {
        let before = self.previous[place];
        self.next[before] = worker;
        self.previous[worker] = before;
        self.next[worker] = place;
        self.previous[place] = worker;
    }

    fn anchor(&self) -> usize {
        self.next.len() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(mut list: FreeList) -> Vec<usize> {
        let mut all = Vec::new();
        while let Some(first) = list.first() {
            all.push(first);
            list.leave(first);
        }
        all
    }

    #[test]
    fn all_stand_in_their_order_at_first() {
        assert_eq!(all(FreeList::of_all(4)), [0, 1, 2, 3]);
        assert_eq!(FreeList::of_all(0).first(), None);
    }

    #[test]
    fn whoever_leaves_and_joins_again_stands_last() {
        let mut list = FreeList::of_all(4);
        for worker in [1, 0, 3] {
            list.leave(worker);
            list.join(worker);
        }
        assert_eq!(all(list), [2, 1, 0, 3]);
    }

    #[test]
    fn whoever_is_not_there_can_leave_again() {
        let mut list = FreeList::of_all(3);
        list.leave(1);
        list.leave(1);
        assert_eq!(all(list), [0, 2]);
    }

    #[test]
    fn a_place_in_the_middle_can_be_taken() {
        let mut list = FreeList::of_all(4);
        list.leave(1);
        list.join_where(1, |other| other > 1);
        assert_eq!(all(list.clone()), [0, 1, 2, 3]);
        list.leave(3);
        list.join_where(3, |other| other > 3);
        assert_eq!(all(list), [0, 1, 2, 3]);
    }
}
