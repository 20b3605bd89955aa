//! `evenkeel completions` and `evenkeel man`: what shells and man(1) know of the command line.

use std::fs;

use crate::cli::{self, CompletionsArgs, ManArgs};
use crate::failure::Failure;
use crate::terminal::print;

/// Prints the completions of a shell.
pub(crate) fn completions(args: &CompletionsArgs) -> Result<(), Failure> {
    let mut command = cli::documented();
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, name, &mut script);
    print(&String::from_utf8_lossy(&script))
}

/// Writes a manual page for the program and for each command.
pub(crate) fn man(args: &ManArgs) -> Result<(), Failure> {
    let folder = &args.folder;
    let written = fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(cli::documented(), folder));
    written.map_err(|error| {
        let folder = folder.display();
        Failure::Failed(format!(
            "manual pages cannot be written to {folder}: {error}; check the folder and the free space"
        ))
    })
}
