//! The `polyground` command.

fn main() -> std::process::ExitCode {
    polyground::cli::main()
}
