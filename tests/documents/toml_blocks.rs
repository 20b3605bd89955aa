//! TOML files that documents show.

use crate::desk::Desk;
use crate::markdown::blocks;

#[test]
fn the_program_reads_every_toml_file_that_is_shown() {
    let desk = Desk::with_results();
    for block in blocks("toml") {
        desk.write("shown.toml", &block.text);
        let (line, codes): (_, &[i32]) = match &*block.info {
            "toml scenario" => ("\"$0\" run -S shown.toml --dry-run", &[0]),
            "toml study" => ("\"$0\" run --study shown.toml --dry-run", &[0]),
            "toml recipe" => ("\"$0\" list --peer shown.toml", &[0]),
            "toml gate" => ("\"$0\" gate builds --config shown.toml", &[3]),
            other => panic!("{}: which kind of file is `{other}`?", block.place),
        };
        let finished = desk.run(line);
        let is_fine = finished.code.is_some_and(|code| codes.contains(&code));
        assert!(is_fine, "{}: {finished:?}", block.place);
    }
}
