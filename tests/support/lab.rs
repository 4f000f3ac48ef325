//! The lab: makers of Windows-shaped ISOs and machines with USB sticks. It stands beside the checkout where the project
//! is worked on, and is no part of it.

use std::path::{Path, PathBuf};

/// A file of the lab. Where there is none, says loudly what is missed, or fails where the lab must be there.
pub fn file(name: &str) -> Option<PathBuf> {
    let given = std::env::var_os("STICKSMITH_LAB").map(PathBuf::from);
    let folder = given.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/lab"));
    let path = folder.join(name);
    if path.is_file() {
        return Some(path);
    }
    let must = std::env::var_os("STICKSMITH_REQUIRE_LAB").is_some_and(|v| v == "1");
    assert!(!must, "this test needs {}, and STICKSMITH_REQUIRE_LAB is set", path.display());
    eprintln!("SKIPPED: needs the lab's {}", path.display());
    None
}
