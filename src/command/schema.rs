//! `evenkeel schema`: what the files look like that evenkeel reads and writes.

use crate::cli::SchemaArgs;
use crate::failure::Failure;
use crate::terminal::print;

pub(crate) fn run(args: &SchemaArgs) -> Result<(), Failure> {
    let schema = (args.schema.schema)();
    print(&format!("{:#}\n", schema.to_value()))
}
