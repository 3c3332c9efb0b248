//! The `polyground` command.

fn main() {}
