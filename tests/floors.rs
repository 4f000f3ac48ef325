//! The rules of the source tree, read off the source itself: who may use whom, how long a file may be, and where the
//! dangerous and the platform's own things stand. Each rule is seen failing on a sample below.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

/// As in `src/lib.rs`. A floor uses only lower ones; equal floors are strangers.
const FLOORS: [(&str, u8); 11] = [
    ("base", 0),
    ("answer", 1),
    ("format", 1),
    ("device", 2),
    ("region", 2),
    ("source", 3),
    ("plan", 4),
    ("engine", 5),
    ("job", 6),
    ("cli", 7),
    ("gui", 7),
];

const LINES_MAX: usize = 500;
const BANNED_NAMES: [&str; 8] =
    ["utils", "util", "common", "manager", "managers", "helpers", "misc", "shared"];
/// Errors without a type are for the faces, and so is what draws.
const FACES_ONLY: [&str; 4] = ["anyhow", "clap", "eframe", "egui"];

#[test]
fn the_source_keeps_the_rules() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    assert!(files.len() > 30, "only {} files found under {}", files.len(), root.display());

    let mut complaints = Vec::new();
    for file in &files {
        let path = file.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
        complaints.extend(check(&path, &fs::read_to_string(file).unwrap()));
    }
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn the_table_names_every_floor() {
    let lib = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let modules: Vec<&str> =
        lib.lines().filter_map(|line| line.trim().strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    let mut floors = FLOORS.map(|(name, _)| name);
    floors.sort_unstable();
    assert_eq!(modules, floors);
}

#[test]
fn every_rule_can_fail() {
    let long = "fn a() {}\n".repeat(LINES_MAX + 1);
    for (path, text, complaint) in [
        ("plan/raw.rs", "use crate::job::Event;", "plan uses job"),
        ("cli/list.rs", "use crate::gui::run;", "cli uses gui"),
        ("gui/mod.rs", "fn f() { crate::cli::main(); }", "gui uses cli"),
        ("base/size.rs", "use crate::{\n    plan::{Plan, Refusal},\n    base::MIB,\n};", "base uses plan"),
        ("plan/raw.rs", "use super::super::job::Event;", "plan uses job"),
        ("plan/mod.rs", "use super::job;", "plan uses job"),
        ("engine/write.rs", "fn f() -> anyhow::Result<()>", "anyhow"),
        ("engine/write.rs", long.as_str(), "501 lines"),
        ("engine/write.rs", "unsafe { f() }", "unsafe"),
        ("device/block.rs", "unsafe impl Send for A {}", "unsafe"),
        ("device/mod.rs", "fn f() {\n    #[cfg(target_os = \"linux\")]\n    g();\n}", "cfg(target_os)"),
        ("device/mod.rs", "if cfg!(target_os = \"linux\") {}", "cfg(target_os)"),
        ("job/utils.rs", "", "utils"),
        ("common/mod.rs", "", "common"),
        ("job/mod.rs", "mod manager {\n}", "manager"),
    ] {
        let complaints = check(path, text).join("\n");
        assert!(complaints.contains(complaint), "“{complaint}” was not said of {path}: {complaints}");
    }
}

#[test]
fn what_is_allowed_is_not_complained_about() {
    let tested =
        format!("fn a() {{}}\n#[cfg(test)]\nmod tests {{\n{}}}\n", "    fn b() {}\n".repeat(LINES_MAX));
    for (path, text) in [
        ("job/mod.rs", "use crate::{base::MIB, plan::Plan};\nuse crate::engine::write;"),
        ("job/mod.rs", "//! Unlike [`crate::gui`], unsafe or not.\n/* crate::cli */"),
        ("plan/raw.rs", "use super::refusal::Refusal;\nuse crate::plan::Plan;"),
        ("plan/raw.rs", "fn job() { super::job(); }"),
        ("cli/list.rs", "use anyhow::Context;"),
        ("engine/write.rs", tested.as_str()),
        ("device/linux/sys.rs", "#[allow(unsafe_code)]\nunsafe { f() }"),
        (
            "device/mod.rs",
            "#[cfg(target_os = \"linux\")]\nmod linux;\n#[cfg(target_os = \"linux\")]\nuse linux as os;",
        ),
        ("lib.rs", "pub mod gui;"),
        ("main.rs", "use sticksmith::cli;"),
    ] {
        assert_eq!(check(path, text), Vec::<String>::new(), "{path}");
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
}

/// All complaints about one file; `path` is below `src`, with slashes.
fn check(path: &str, text: &str) -> Vec<String> {
    let code = without_comments(text);
    let mut complaints = floor_complaints(path, &code);
    complaints.extend(name_complaints(path, &code));
    complaints.extend(cfg_complaints(&code));
    if !path.starts_with("device/linux") && words(&code).any(|word| word == "unsafe") {
        complaints.push("unsafe stands outside src/device/linux".to_owned());
    }
    let lines = lines_without_tests(path, text);
    if lines > LINES_MAX {
        complaints.push(format!("{lines} lines without tests, more than {LINES_MAX}: split it"));
    }
    complaints.into_iter().map(|complaint| format!("src/{path}: {complaint}")).collect()
}

fn floor_of(name: &str) -> Option<u8> {
    FLOORS.iter().find(|(floor, _)| *floor == name).map(|(_, number)| *number)
}

fn floor_complaints(path: &str, code: &str) -> Vec<String> {
    // The library's root and the binary know all floors.
    let Some((own, _)) = path.split_once('/') else { return Vec::new() };
    let Some(number) = floor_of(own) else { return vec![format!("{own} is no floor of the table")] };

    let mut used = paths_after(code, "crate::");
    // `super` as often as the module is deep also means the crate.
    let depth = path.matches('/').count() + usize::from(!path.ends_with("/mod.rs"));
    for above in [depth, depth + 1] {
        used.extend(paths_after(code, &"super::".repeat(above)).into_iter().filter(|name| {
            // Inside a nested test module the same words reach one module less far, to names that may be alike.
            floor_of(name).is_some_and(|floor| floor >= number) && name != own
        }));
    }
    let mut complaints: Vec<String> = used
        .iter()
        .filter(|name| *name != own && floor_of(name).is_some_and(|floor| floor >= number))
        .map(|name| format!("{own} uses {name}, which is not below it"))
        .collect();
    if number < 7 {
        complaints.extend(
            FACES_ONLY
                .iter()
                .filter(|name| words(code).any(|word| word == **name))
                .map(|name| format!("{name} is for cli and gui only")),
        );
    }
    complaints.dedup();
    complaints
}

/// The names that follow `prefix`: one, or those at the top of a group in braces.
fn paths_after(code: &str, prefix: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, _) in code.match_indices(prefix) {
        // `$crate::` is the same crate; `xcrate::` and `super::super::` for `super::` are something else.
        let before = &code[..at];
        if before.ends_with(|c: char| c.is_alphanumeric() || c == '_') || before.ends_with("super::") {
            continue;
        }
        let rest = code[at + prefix.len()..].trim_start();
        match rest.strip_prefix('{') {
            Some(group) => names.extend(top_names(group)),
            None => names.extend(words(rest).next().map(str::to_owned)),
        }
    }
    names
}

/// The first word of each entry of a `use` group, up to its closing brace.
fn top_names(group: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut depth = 0;
    let mut entry = String::new();
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.extend(words(&std::mem::take(&mut entry)).next().map(str::to_owned)),
            c if depth == 0 => entry.push(c),
            _ => {}
        }
    }
    names.extend(words(&entry).next().map(str::to_owned));
    names
}

fn name_complaints(path: &str, code: &str) -> Vec<String> {
    let in_path = path.trim_end_matches(".rs").split('/').map(str::to_owned);
    let modules = paths_after(code, "mod ");
    in_path
        .chain(modules)
        .filter(|name| BANNED_NAMES.contains(&name.as_str()))
        .map(|name| format!("a module called {name} says nothing; name what it owns"))
        .collect()
}

/// A platform is chosen where a module is named, never inside one.
fn cfg_complaints(code: &str) -> Vec<String> {
    let lines: Vec<&str> = code.lines().map(str::trim).collect();
    let mut complaints = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        if !["target_os", "target_family", "cfg(unix", "cfg(windows", "cfg!(unix", "cfg!(windows"]
            .iter()
            .any(|platform| line.contains(platform))
        {
            continue;
        }
        let item = lines[index..].iter().find(|line| !line.starts_with("#[") && !line.is_empty());
        let chooses = |line: &&str| {
            let line = line.strip_prefix("pub ").or(line.strip_prefix("pub(crate) ")).unwrap_or(line);
            line.starts_with("mod ") || line.starts_with("use ")
        };
        if !item.is_some_and(chooses) {
            complaints
                .push(format!("line {}: cfg(target_os) stands elsewhere than at mod or use", index + 1));
        }
    }
    complaints
}

/// Files of tests alone count nothing; elsewhere what follows `#[cfg(test)]` does not: the next line, or a module in
/// braces up to the brace that closes it in the first column.
fn lines_without_tests(path: &str, text: &str) -> usize {
    if path.ends_with("/tests.rs") || path.contains("/tests/") {
        return 0;
    }
    let mut count = 0;
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line != "#[cfg(test)]" {
            count += 1;
        } else if lines.next().is_some_and(|item| item.ends_with('{')) {
            lines.by_ref().find(|line| *line == "}");
        }
    }
    count
}

/// Line breaks stay, so that lines can be counted. Text in quotes stays as well: none of it looks like a path here.
fn without_comments(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    loop {
        let line = rest.find("//").unwrap_or(rest.len());
        let block = rest.find("/*").unwrap_or(rest.len());
        let start = line.min(block);
        code.push_str(&rest[..start]);
        if start == rest.len() {
            return code;
        }
        // `https://` in a string is no comment, and cutting the rest of its line off costs the rules nothing.
        let end = if line < block {
            rest[start..].find('\n').map(|at| start + at)
        } else {
            rest[start..].find("*/").map(|at| start + at + 2)
        };
        let end = end.unwrap_or(rest.len());
        code.extend(rest[start..end].matches('\n'));
        rest = &rest[end..];
    }
}

fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}
