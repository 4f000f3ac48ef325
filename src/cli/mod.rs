//! Floor 7: the terminal. Arguments in, text or JSON lines out.

use std::process::ExitCode;

pub fn main() -> ExitCode {
    todo!()
}
