//! Has the crate built anew whenever a recipe is added, changed or taken away: the folder travels in
//! the executable.

fn main() {
    println!("cargo::rerun-if-changed=peers");
}
