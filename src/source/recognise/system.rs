//! What system a disc installs or runs, from files that publishers put there for this, else from its label. A name is
//! given only where one of them says it; nothing is guessed.

use crate::format::FormatError;
use crate::format::tree::{Entry, EntryKind, ImageTree};
use crate::source::windows::WindowsFacts;

/// The files read here have a few lines.
const MAX_TEXT_BYTES: u64 = 64 * 1024;
const MAX_NAME_CHARS: usize = 80;
const ARCHITECTURES: [&str; 12] = [
    "amd64", "x86_64", "i386", "i686", "x86", "arm64", "aarch64", "armhf", "ppc64el", "ppc64le", "s390x",
    "riscv64",
];
fn first_file(tree: &mut dyn ImageTree, paths: &[impl AsRef<str>]) -> Result<Option<Entry>, FormatError> {
    for path in paths {
        let found = tree.lookup(path.as_ref())?.filter(|entry| entry.kind == EntryKind::File);
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// The name that the disc's files give.
pub(super) fn from_files(tree: &mut dyn ImageTree) -> Option<String> {
    let mut text = |path| text_file(tree, path);
    text(".disk/info")
        .and_then(|text| disk_info_name(&text))
        .or_else(|| text(".treeinfo").and_then(|text| tree_info_name(&text)))
        .or_else(|| text("arch/version").and_then(|text| Some(format!("Arch Linux {}", first_line(&text)?))))
        .or_else(|| text("etc/os-release").and_then(|text| os_release_name(&text)))
        .or_else(|| tool_name(tree))
}

fn text_file(tree: &mut dyn ImageTree, path: &str) -> Option<String> {
    let file = tree.lookup(path).ok()??;
    let is_text = file.kind == EntryKind::File && file.len_bytes <= MAX_TEXT_BYTES;
    let data = is_text.then(|| tree.read_at(&file, 0, MAX_TEXT_BYTES).ok())??;
    String::from_utf8(data).ok()
}

fn first_line(text: &str) -> Option<&str> {
    let line = text.lines().next()?.trim();
    let is_name = !line.is_empty() && line.chars().count() <= MAX_NAME_CHARS;
    (is_name && !line.contains(char::is_control)).then_some(line)
}

/// Debian and its descendants: `Ubuntu 24.04.1 LTS "Noble Numbat" - Release amd64 (20240827.1)`.
fn disk_info_name(text: &str) -> Option<String> {
    let line = text.lines().next()?.trim();
    let (name, rest) = line.split_once(" - ").unwrap_or((line, ""));
    // The code name adds nothing that the version does not say.
    let words: Vec<&str> = name.split_whitespace().filter(|word| !word.is_empty()).collect();
    let name = words.join(" ");
    let name = match (name.find('"'), name.rfind('"')) {
        (Some(open), Some(close)) if open < close => {
            format!("{} {}", name[..open].trim_end(), name[close + 1..].trim_start())
        }
        _ => name,
    };
    let name = first_line(&name)?.to_owned();
    Some(match rest.split_whitespace().find(|word| ARCHITECTURES.contains(word)) {
        Some(architecture) => format!("{name} {architecture}"),
        None => name,
    })
}

/// Fedora and its kin: an INI file with `name`, `version` and `arch`.
fn tree_info_name(text: &str) -> Option<String> {
    let value = |section: &str, key: &str| {
        let mut lines =
            text.lines().map(str::trim).skip_while(|line| *line != format!("[{section}]")).skip(1);
        let mut lines = std::iter::from_fn(move || lines.next().filter(|line| !line.starts_with('[')));
        lines.find_map(|line| {
            let (name, value) = line.split_once('=')?;
            (name.trim() == key).then(|| value.trim()).filter(|value| !value.is_empty())
        })
    };
    let family = value("release", "name").or_else(|| value("general", "family"))?;
    let version = value("release", "version").or_else(|| value("general", "version"))?;
    let architecture = value("tree", "arch").or_else(|| value("general", "arch")).unwrap_or_default();
    first_line(format!("{family} {version} {architecture}").trim()).map(str::to_owned)
}

fn os_release_name(text: &str) -> Option<String> {
    let value = text.lines().find_map(|line| line.trim().strip_prefix("PRETTY_NAME="))?;
    first_line(value.trim_matches(['"', '\''])).map(str::to_owned)
}

/// Tools whose discs hold little more than themselves.
fn tool_name(tree: &mut dyn ImageTree) -> Option<String> {
    if first_file(tree, &["ipxe.krn", "ipxe.lkrn"]).ok()?.is_some() {
        return Some("iPXE".to_owned());
    }
    // grub-mkrescue's disc without anything added: no kernel, nothing to install.
    let boot = tree.lookup("boot").ok()??;
    let is_grub_alone =
        tree.read_dir(&boot).ok()?.iter().all(|entry| entry.name.eq_ignore_ascii_case("grub"));
    let root = tree.root().ok()?;
    let files = tree.read_dir(&root).ok()?;
    const GRUB_FILES: [&str; 7] =
        ["boot", "boot.catalog", "efi", "efi.img", "mach_kernel", "System", ".disk"];
    let is_known = |entry: &Entry| GRUB_FILES.iter().any(|name| entry.name.eq_ignore_ascii_case(name));
    let has_grub = tree.lookup("boot/grub").ok()?.is_some();
    (has_grub && is_grub_alone && files.iter().all(is_known)).then(|| "GRUB rescue".to_owned())
}

/// `Windows 7 x64 (6.1.7601)`
pub(super) fn from_windows(windows: &WindowsFacts) -> String {
    let architectures: Vec<String> = windows.architectures.iter().map(ToString::to_string).collect();
    let mut name = windows.product.clone();
    if !architectures.is_empty() {
        name = format!("{name} {}", architectures.join("+"));
    }
    if let Some([major, minor, build]) = windows.version {
        name = format!("{name} ({major}.{minor}.{build})");
    }
    name
}

/// Labels of Microsoft's discs: `CCCOMA_X64FRE_EN-US_DV9`, `GRMCPRXFRER_EN_DVD`, `ESD-ISO`.
pub(super) fn is_windows_label(label: &str) -> bool {
    const PREFIXES: [&str; 6] = ["CCCOMA_", "CPBA_", "GRMC", "GSP1RMC", "ESD-ISO", "SSS_X64"];
    PREFIXES.iter().any(|prefix| label.starts_with(prefix))
}

/// The name in a label that publishers are known to give.
pub(super) fn from_label(label: &str) -> Option<String> {
    const SPOKEN: [&str; 9] = [
        "Debian ",
        "Ubuntu ",
        "Ubuntu-Server ",
        "Kubuntu ",
        "Xubuntu ",
        "Lubuntu ",
        "Linux Mint ",
        "Pop_OS ",
        "Kali Linux ",
    ];
    if SPOKEN.iter().any(|prefix| label.starts_with(prefix)) {
        return Some(up_to_architecture(label));
    }
    if let Some(rest) = label.strip_prefix("alpine-") {
        let (_, version) = rest.split_once(' ')?;
        return Some(format!("Alpine Linux {version}"));
    }
    if label.starts_with("Fedora-") || label.starts_with("openSUSE-") {
        let parts: Vec<&str> = label.split('-').collect();
        let version = parts.iter().position(|part| part.starts_with(|c: char| c.is_ascii_digit()))?;
        return Some(parts[..=version].join(" "));
    }
    if let Some(date) = label.strip_prefix("ARCH_") {
        let (year, month) = date.split_at_checked(4)?;
        let is_date = date.len() == 6 && date.bytes().all(|b| b.is_ascii_digit());
        return is_date.then(|| format!("Arch Linux {year}.{month}"));
    }
    if label.starts_with("MT86PLUS") || label.to_ascii_lowercase().starts_with("memtest86+") {
        return Some("Memtest86+".to_owned());
    }
    None
}

/// `Debian 12.8.0 amd64 n` ends with the name of the disc in its set.
fn up_to_architecture(label: &str) -> String {
    let words: Vec<&str> = label.split_whitespace().collect();
    let end = words.iter().position(|word| ARCHITECTURES.contains(word)).map_or(words.len(), |at| at + 1);
    words[..end].join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_that_publishers_give() {
        for (label, name) in [
            ("Debian 12.8.0 amd64 n", Some("Debian 12.8.0 amd64")),
            ("Ubuntu 24.04.1 LTS amd64", Some("Ubuntu 24.04.1 LTS amd64")),
            ("Fedora-WS-Live-41-1-4", Some("Fedora WS Live 41")),
            ("openSUSE-Leap-15.6-DVD-x86_64-Build710.3-Media", Some("openSUSE Leap 15.6")),
            ("Fedora-", None),
            ("ARCH_202411", Some("Arch Linux 2024.11")),
            ("ARCH_20241é", None),
            ("alpine-std 3.20.3 x86_64", Some("Alpine Linux 3.20.3 x86_64")),
            ("MT86PLUS_64", Some("Memtest86+")),
            ("ISOIMAGE", None),
            ("CCCOMA_X64FRE_EN-US_DV9", None),
        ] {
            assert_eq!(from_label(label).as_deref(), name, "{label}");
        }
    }

    #[test]
    fn files_that_publishers_leave() {
        for (info, name) in [
            (
                "Debian GNU/Linux 12.8.0 \"Bookworm\" - Official amd64 NETINST with firmware 20241109-11:05\n",
                "Debian GNU/Linux 12.8.0 amd64",
            ),
            ("Ubuntu 24.04.1 LTS \"Noble Numbat\" - Release amd64 (20240827.1)", "Ubuntu 24.04.1 LTS amd64"),
            ("Linux Mint 22 \"Wilma\" - Release amd64 20240722", "Linux Mint 22 amd64"),
            ("Something 1", "Something 1"),
        ] {
            assert_eq!(disk_info_name(info).as_deref(), Some(name));
        }
        assert_eq!(disk_info_name(""), None);
        assert_eq!(disk_info_name(&"x".repeat(1000)), None);
        let tree_info = "[general]\nfamily = Fedora\nversion = 40\n[release]\nname = Fedora\nversion = 41\n\n[tree]\narch = x86_64\n";
        assert_eq!(tree_info_name(tree_info).as_deref(), Some("Fedora 41 x86_64"));
        assert_eq!(tree_info_name("[general]\n[release]\nname=\n"), None);
        assert_eq!(os_release_name("ID=x\nPRETTY_NAME=\"X 1\"\n").as_deref(), Some("X 1"));
    }
}
