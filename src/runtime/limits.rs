//! Ceilings: the server's own, the runtime's over them, the stage's over those.

use super::Limits;
use super::definition::LimitsWritten;

/// What a stage may use when nothing says otherwise.
pub const DEFAULT: Limits = Limits {
    wall_ms: 10_000,
    cpu_ms: 10_000,
    memory_bytes: 256 << 20,
    processes: 64,
    output_bytes: 1 << 20,
    files_bytes: 64 << 20,
    file_bytes: 64 << 20,
};

/// The ceilings of a stage. One file may always be as large as all files unless something says otherwise.
pub(super) fn of_stage(runtime: &LimitsWritten, stage: &LimitsWritten) -> Limits {
    let files_bytes = stage.files.or(runtime.files).map_or(DEFAULT.files_bytes, |size| size.0);
    let file_size = stage.file_size.or(runtime.file_size).map_or(files_bytes, |size| size.0);
    Limits {
        wall_ms: stage.wall.or(runtime.wall).map_or(DEFAULT.wall_ms, |time| time.0),
        cpu_ms: stage.cpu.or(runtime.cpu).map_or(DEFAULT.cpu_ms, |time| time.0),
        memory_bytes: stage.memory.or(runtime.memory).map_or(DEFAULT.memory_bytes, |size| size.0),
        processes: stage.processes.or(runtime.processes).unwrap_or(DEFAULT.processes),
        output_bytes: stage.output.or(runtime.output).map_or(DEFAULT.output_bytes, |size| size.0),
        files_bytes,
        file_bytes: file_size.min(files_bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::super::units::{Bytes, Millis};
    use super::*;

    #[test]
    fn nothing_written_is_the_default() {
        assert_eq!(of_stage(&LimitsWritten::default(), &LimitsWritten::default()), DEFAULT);
    }

    #[test]
    fn a_stage_overrides_its_runtime_key_by_key() {
        let runtime = LimitsWritten {
            wall: Some(Millis(5_000)),
            memory: Some(Bytes(1 << 30)),
            ..LimitsWritten::default()
        };
        let stage =
            LimitsWritten { wall: Some(Millis(20_000)), processes: Some(8), ..LimitsWritten::default() };
        let expected = Limits { wall_ms: 20_000, memory_bytes: 1 << 30, processes: 8, ..DEFAULT };
        assert_eq!(of_stage(&runtime, &stage), expected);
    }

    #[test]
    fn one_file_is_bounded_by_all_files() {
        let files = |files, file_size| LimitsWritten {
            files: Some(Bytes(files)),
            file_size,
            ..LimitsWritten::default()
        };
        assert_eq!(of_stage(&files(100, None), &LimitsWritten::default()).file_bytes, 100);
        assert_eq!(of_stage(&files(100, Some(Bytes(50))), &LimitsWritten::default()).file_bytes, 50);
        assert_eq!(of_stage(&files(100, Some(Bytes(50))), &files(10, None)).file_bytes, 10);
    }
}
