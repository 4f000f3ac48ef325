//! Whether the user's drivers are of any use to these media: which of them Setup can load, and what is missing.

use std::collections::HashSet;

use crate::format::inf::{Inf, Platform};
use crate::plan::Refusal;
use crate::source::DriverFolder;
use crate::source::windows::{Architecture, WindowsFacts};

/// So many of a kind are named.
const NAMED: usize = 3;

#[derive(Default)]
pub(super) struct Judgement {
    pub notes: Vec<String>,
    pub advice: Vec<String>,
}

/// What the drivers would run in: Setup's own image, or what is installed where nothing tells of that.
pub(super) fn systems(windows: &WindowsFacts) -> Vec<(Platform, [u32; 3])> {
    let images = windows.boot_images.iter();
    let mut systems: Vec<_> = images
        .filter_map(|boot| Some((platform(boot.architecture?), boot.version.or(windows.version)?)))
        .collect();
    if systems.is_empty() {
        let version = windows.version.unwrap_or([u32::MAX; 3]);
        systems = windows.architectures.iter().map(|found| (platform(*found), version)).collect();
    }
    systems.dedup();
    systems
}

pub(super) fn platform(architecture: Architecture) -> Platform {
    match architecture {
        Architecture::X86 => Platform::X86,
        Architecture::X64 => Platform::Amd64,
        Architecture::Arm => Platform::Arm,
        Architecture::Arm64 => Platform::Arm64,
    }
}

pub(super) fn judge(folders: &[DriverFolder], windows: &WindowsFacts) -> Result<Judgement, Refusal> {
    let systems = systems(windows);
    let mut judgement = Judgement::default();
    for folder in folders {
        judge_folder(folder, &systems, windows, &mut judgement)?;
    }
    Ok(judgement)
}

fn judge_folder(
    folder: &DriverFolder,
    systems: &[(Platform, [u32; 3])],
    windows: &WindowsFacts,
    judgement: &mut Judgement,
) -> Result<(), Refusal> {
    let name = &folder.name;
    let wanted = wanted(systems, windows);
    let refused = |reason: String| Err(Refusal::Drivers { reason });
    if folder.infs.is_empty() {
        return refused(match folder.packed.as_slice() {
            [] => format!(
                "There is no driver in “{name}”: no INF file is in it. Name the folder that the unpacked driver is in."
            ),
            packed => format!(
                "There is no INF file in “{name}”, but {}. Unpack it first: Setup takes drivers as INF files with what \
                 belongs to them.",
                list(packed)
            ),
        });
    }
    let (mut fitting, mut others, mut unread) = (0, Vec::new(), Vec::new());
    let (mut found, mut classes) = (Vec::new(), Vec::new());
    let files: HashSet<String> = folder.additions.iter().map(|added| added.dest.to_lowercase()).collect();
    let mut missing = Vec::new();
    for item in &folder.infs {
        let inf = match &item.inf {
            Ok(inf) => inf,
            Err(why) => {
                unread.push(format!("{} ({why})", item.path));
                continue;
            }
        };
        found.extend(inf.platforms());
        let fits: Vec<Platform> = systems
            .iter()
            .filter(|(platform, version)| inf.serves(*platform, *version))
            .map(|(platform, _)| *platform)
            .collect();
        if fits.is_empty() {
            others.push(item.path.clone());
            continue;
        }
        fitting += 1;
        if let Some(class) = inf.class.as_ref().filter(|class| !classes.contains(*class)) {
            classes.push(class.clone());
        }
        let at = item.path.rsplit_once('/').map_or(String::new(), |(at, _)| format!("{at}/"));
        let prefix = folder.additions.first().map_or("", |first| &first.dest);
        for need in fits.iter().flat_map(|platform| needs(inf, *platform)) {
            let path = format!("{at}{need}");
            // A file may lie there compressed, with its last letter replaced.
            let there = format!("{prefix}/{path}").to_lowercase();
            let packed = there
                .chars()
                .count()
                .checked_sub(1)
                .map(|len| there.chars().take(len).collect::<String>() + "_");
            if !files.contains(&there) && !packed.is_some_and(|packed| files.contains(&packed)) {
                missing.push(path);
            }
        }
        if fits.contains(&Platform::Amd64) && inf.catalog(Platform::Amd64).is_none() {
            judgement.advice.push(format!(
                "The driver {} in “{name}” is not signed (it names no catalogue), and 64-bit Windows loads none such.",
                item.path
            ));
        }
    }
    found.sort_unstable();
    found.dedup();
    let found: Vec<String> = found.iter().map(Platform::to_string).collect();
    if fitting == 0 {
        let what = match found.as_slice() {
            [] if !unread.is_empty() => format!("these INF files are no driver’s: {}", list(&unread)),
            [] => "its INF files name no devices".to_owned(),
            found => format!("they are for {}, or for another version of Windows", found.join(", ")),
        };
        return refused(format!(
            "No driver in “{name}” fits these media, which need drivers for {wanted}: {what}. Choose the maker’s folder for \
             that."
        ));
    }
    let of = if classes.is_empty() { String::new() } else { format!(" ({})", classes.join(", ")) };
    judgement.notes.push(format!(
        "{fitting} of {} INF files in “{name}” fit {wanted}{of}; Setup finds them in $WinPEDriver$ and installs them too.",
        folder.infs.len()
    ));
    if !others.is_empty() {
        judgement.advice.push(format!(
            "Some drivers in “{name}” do not fit {wanted} and will not be loaded: {}.",
            list(&others)
        ));
    }
    if !unread.is_empty() {
        judgement.advice.push(format!("Some INF files in “{name}” are no driver’s: {}.", list(&unread)));
    }
    missing.sort_unstable();
    missing.dedup();
    if !missing.is_empty() {
        judgement.advice.push(format!(
            "Drivers in “{name}” need files that are not there: {}. Windows will hardly load them; add the whole folder of \
             the maker’s.",
            list(&missing)
        ));
    }
    Ok(())
}

fn needs(inf: &Inf, platform: Platform) -> impl Iterator<Item = &str> {
    inf.catalog(platform).into_iter().chain(inf.files_for(platform))
}

/// `x64 of Windows 7`
fn wanted(systems: &[(Platform, [u32; 3])], windows: &WindowsFacts) -> String {
    let mut platforms: Vec<String> = systems.iter().map(|(platform, _)| platform.to_string()).collect();
    platforms.dedup();
    format!("{} ({})", windows.product, platforms.join(" and "))
}

fn list(items: &[String]) -> String {
    let named = items.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    match items.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}
