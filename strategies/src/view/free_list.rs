//! The free list: workers in order, each at most once.

/// A list of workers. Appending and removing is O(1), and nothing is allocated after the creation.
///
/// It is a doubly linked ring. The anchor, the entry after the last worker's, is its start and end.
#[derive(Clone, Debug)]
pub(crate) struct FreeList {
    next: Vec<usize>,
    previous: Vec<usize>,
}

impl FreeList {
    /// Creates a list of all workers, in the order of their numbers.
    pub(crate) fn of_all(count: usize) -> Self {
        let empty = Self {
            next: (0..=count).collect(),
            previous: (0..=count).collect(),
        };
        (0..count).fold(empty, |mut list, worker| {
            list.append(worker);
            list
        })
    }

    pub(crate) fn first(&self) -> Option<usize> {
        let first = self.next[self.anchor()];
        (first != self.anchor()).then_some(first)
    }

    /// Appends a worker that is not in the list.
    pub(crate) fn append(&mut self, worker: usize) {
        self.insert_before(self.anchor(), worker);
    }

    /// Inserts a worker that is not in the list: before the first worker that comes later, or else at
    /// the end. O(n).
    pub(crate) fn insert(&mut self, worker: usize, comes_later: impl Fn(usize) -> bool) {
        let mut position = self.next[self.anchor()];
        while position != self.anchor() && !comes_later(position) {
            position = self.next[position];
        }
        self.insert_before(position, worker);
    }

    /// Removes a worker, if it is in the list.
    pub(crate) fn remove(&mut self, worker: usize) {
        let (before, after) = (self.previous[worker], self.next[worker]);
        self.next[before] = after;
        self.previous[after] = before;
        // The neighbours of a worker that is not in the list are the worker itself.
        self.next[worker] = worker;
        self.previous[worker] = worker;
    }

    fn insert_before(&mut self, position: usize, worker: usize) {
        let before = self.previous[position];
        self.next[before] = worker;
        self.previous[worker] = before;
        self.next[worker] = position;
        self.previous[position] = worker;
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
            list.remove(first);
        }
        all
    }

    #[test]
    fn the_list_starts_in_the_order_of_numbers() {
        assert_eq!(all(FreeList::of_all(4)), [0, 1, 2, 3]);
        assert_eq!(FreeList::of_all(0).first(), None);
    }

    #[test]
    fn a_worker_that_is_removed_and_appended_is_last() {
        let mut list = FreeList::of_all(4);
        for worker in [1, 0, 3] {
            list.remove(worker);
            list.append(worker);
        }
        assert_eq!(all(list), [2, 1, 0, 3]);
    }

    #[test]
    fn removing_a_worker_twice_has_no_effect() {
        let mut list = FreeList::of_all(3);
        list.remove(1);
        list.remove(1);
        assert_eq!(all(list), [0, 2]);
    }

    #[test]
    fn a_worker_can_be_inserted_in_the_middle() {
        let mut list = FreeList::of_all(4);
        list.remove(1);
        list.insert(1, |other| other > 1);
        assert_eq!(all(list.clone()), [0, 1, 2, 3]);
        list.remove(3);
        list.insert(3, |other| other > 3);
        assert_eq!(all(list), [0, 1, 2, 3]);
    }
}
