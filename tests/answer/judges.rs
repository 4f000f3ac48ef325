//! Two parsers that are not ours: `xmllint` (libxml2) and Python's (expat), which also looks at what Microsoft documents.

use std::fs;
use std::path::Path;
use std::process::Command;

use sticksmith::answer::Target;

use super::support::{run, tool};

/// Both take it, they read the same in it, and it keeps the documented rules.
pub fn assert_good(name: &str, xml: &str, target: &Target) {
    if !tool("xmllint") || !tool("python3") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("autounattend.xml");
    fs::write(&path, xml).unwrap();
    let path = path.to_str().unwrap();
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/answer");
    let schema = here.join("envelope.xsd");
    run("xmllint", &["--noout", "--nonet", "--schema", schema.to_str().unwrap(), path]);
    let canonical = Command::new("xmllint").args(["--c14n", path]).output().unwrap();
    let canonical_path = folder.path().join("canonical.xml");
    fs::write(&canonical_path, canonical.stdout).unwrap();
    let judge = here.join("judge.py");
    let architectures: Vec<_> = target.architectures.iter().map(|it| it.name()).collect();
    let arguments = [path, canonical_path.to_str().unwrap(), target.version.name(), &architectures.join(",")];
    let output = Command::new("python3").arg(judge).args(arguments).output().unwrap();
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {said}\n{xml}");
}
