//! INF files, by which Windows installs drivers: which machines and versions one is for, and what has to lie beside it.
//!
//! Only what that takes is read: `[Version]`, `[Manufacturer]` with the models that it leads to, `[SourceDisksNames]` and
//! `[SourceDisksFiles]`. Microsoft's documentation of drivers has the rules: "General Syntax Rules for INF Files", "INF
//! Version Section", "INF Manufacturer Section", "Combining Platform Extensions with Operating System Versions", "INF
//! SourceDisksNames Section", "INF SourceDisksFiles Section".

mod text;

use std::collections::HashMap;
use std::fmt;

use text::Text;

/// The largest known ones, of graphics drivers, have some 3 MB.
pub const MAX_INF_BYTES: usize = 8 << 20;

/// What an INF file says of its driver.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inf {
    /// `USB`, `SCSIAdapter`, `Net`.
    pub class: Option<String>,
    /// The signed lists of checksums, without which 64-bit Windows loads nothing. With a platform: for that one only.
    pub catalogs: Vec<(Option<Platform>, String)>,
    /// What each line of `[Manufacturer]` has to offer.
    pub manufacturers: Vec<Vec<Models>>,
    /// What is copied, with `/`, from the INF file's folder on; where a file lies inside a cabinet, that. With a platform:
    /// for that one only.
    pub files: Vec<(Option<Platform>, String)>,
}

/// A section of models: devices that are served on a platform, from a version of Windows on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Models {
    pub platform: Platform,
    /// Major, minor, build; zeroes: any version.
    pub since: [u32; 3],
    /// A section without devices says that from this version on there are none.
    pub has_devices: bool,
}

/// What a driver is built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Platform {
    X86,
    Ia64,
    Amd64,
    Arm,
    Arm64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InfError {
    #[error("it is larger than any INF file of a driver")]
    TooLarge,
    #[error("it is no text")]
    NotText,
    #[error("it has no [Version] section with the signature of a driver’s INF file")]
    NoSignature,
}

impl Inf {
    /// Reads a file's content: UTF-16 or UTF-8 by its byte order mark, else UTF-8 or one byte to a character.
    pub fn parse(bytes: &[u8]) -> Result<Self, InfError> {
        let text = Text::read(bytes)?;
        let signature = text.value("version", "signature").unwrap_or_default();
        if !["$windows nt$", "$chicago$", "$windows 95$"].contains(&signature.to_ascii_lowercase().as_str()) {
            return Err(InfError::NoSignature);
        }
        Ok(Self {
            class: text.value("version", "class").filter(|class| !class.is_empty()),
            catalogs: catalogs(&text),
            manufacturers: manufacturers(&text),
            files: files(&text),
        })
    }

    /// Has it devices for this platform and version of Windows? Of each manufacturer, Windows takes the models of the
    /// highest version that is not above its own.
    pub fn serves(&self, platform: Platform, version: [u32; 3]) -> bool {
        self.manufacturers.iter().any(|models| {
            let suits = |found: &&Models| found.platform == platform && found.since <= version;
            // Of two for the same version (they differ in the kind of product), one with devices is enough.
            let best = models.iter().filter(suits).max_by_key(|found| (found.since, found.has_devices));
            best.is_some_and(|best| best.has_devices)
        })
    }

    /// The platforms that it has devices for, in whatever version of Windows.
    pub fn platforms(&self) -> Vec<Platform> {
        let models = self.manufacturers.iter().flatten().filter(|models| models.has_devices);
        let mut platforms: Vec<Platform> = models.map(|models| models.platform).collect();
        platforms.sort_unstable();
        platforms.dedup();
        platforms
    }

    /// The catalogue that signs it on a platform: the most special of those that it names.
    pub fn catalog(&self, platform: Platform) -> Option<&str> {
        let of = |wanted: Option<Platform>| self.catalogs.iter().find(move |(found, _)| *found == wanted);
        of(Some(platform)).or_else(|| of(None)).map(|(_, name)| name.as_str())
    }

    /// What has to lie in its folder, or below, for a platform.
    pub fn files_for(&self, platform: Platform) -> impl Iterator<Item = &str> {
        let suits = move |found: &Option<Platform>| found.is_none_or(|found| found == platform);
        self.files.iter().filter(move |(found, _)| suits(found)).map(|(_, path)| path.as_str())
    }
}

/// `CatalogFile`, `CatalogFile.nt`, `CatalogFile.ntamd64`.
fn catalogs(text: &Text) -> Vec<(Option<Platform>, String)> {
    let entries = text.entries("version").filter_map(|line| {
        let key = line.key?.to_ascii_lowercase();
        let platform = match key.strip_prefix("catalogfile")? {
            "" | ".nt" => None,
            rest => Some(Decoration::parse(rest.strip_prefix('.')?)?.platform?),
        };
        let name = line.values.into_iter().next().filter(|name| !name.is_empty())?;
        Some((platform, name))
    });
    entries.collect()
}

fn manufacturers(text: &Text) -> Vec<Vec<Models>> {
    // Many lines may lead to one section.
    let mut known: HashMap<String, bool> = HashMap::new();
    let mut has_devices = |section: &str| {
        *(known.entry(section.to_lowercase()))
            .or_insert_with(|| text.entries(section).any(|entry| entry.key.is_some()))
    };
    text.entries("manufacturer").map(|line| models(text, &line, &mut has_devices)).collect()
}

/// `%Name% = Models, NTx86, NTamd64.6.1` leads to `[Models.NTx86]` and `[Models.NTamd64.6.1]`, and where nothing better
/// suits to `[Models]`.
fn models(text: &Text, line: &text::Line, has_devices: &mut dyn FnMut(&str) -> bool) -> Vec<Models> {
    let (name, decorations) = match (&line.key, line.values.split_first()) {
        (Some(_), Some((name, decorations))) => (name.as_str(), decorations),
        // A name alone is that of the section as well.
        (None, Some((name, _))) => (name.as_str(), &[][..]),
        _ => return Vec::new(),
    };
    let mut found = Vec::new();
    for decoration in decorations {
        let section = format!("{name}.{decoration}");
        if let Some(decoration) = Decoration::parse(decoration).filter(|_| text.has(&section)) {
            found.push(decoration.models(has_devices(&section)));
        }
    }
    if text.has(name) {
        found.push(Decoration::default().models(has_devices(name)));
    }
    found
}

/// `NTamd64.6.1`: what a section is for.
#[derive(Default)]
struct Decoration {
    platform: Option<Platform>,
    since: [u32; 3],
}

impl Decoration {
    /// `nt[Architecture][.[OSMajorVersion][.[OSMinorVersion][.[ProductType][.[SuiteMask][.[BuildNumber]]]]]]`. Of products
    /// and suites nothing is taken: Setup runs in another than it installs.
    fn parse(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let mut parts = text.strip_prefix("nt")?.split('.').map(str::trim);
        let platform = match parts.next()? {
            "" => None,
            name => Some(Platform::named(name)?),
        };
        let numbers: Vec<u32> = parts.map(|part| part.parse().unwrap_or(0)).collect();
        let number = |at: usize| numbers.get(at).copied().unwrap_or(0);
        Some(Self { platform, since: [number(0), number(1), number(4)] })
    }

    /// Since Windows Server 2003 SP1, what names no platform is for x86 alone.
    fn models(&self, has_devices: bool) -> Models {
        Models { platform: self.platform.unwrap_or(Platform::X86), since: self.since, has_devices }
    }
}

fn files(text: &Text) -> Vec<(Option<Platform>, String)> {
    let platforms = Platform::ALL.into_iter().map(Some).chain([None]);
    let of_platform = |platform: Option<Platform>| {
        let section = |name: &str| match platform {
            Some(platform) => format!("{name}.{}", platform.section_name()),
            None => name.to_owned(),
        };
        // Disks of the platform's own come before those of all.
        let mut disks: HashMap<String, [String; 2]> = HashMap::new();
        for name in [section("sourcedisksnames"), "sourcedisksnames".to_owned()] {
            for line in text.entries(&name) {
                let [tag, path] = [1, 3].map(|at| line.values.get(at).cloned().unwrap_or_default());
                line.key.map(|disk| disks.entry(disk).or_insert([tag, path]));
            }
        }
        let file = move |line: text::Line| {
            let name = line.key?;
            let (disk, folder) = (line.values.first()?, line.values.get(1));
            let [tag, path] = disks.get(disk)?;
            let is_cabinet = tag.to_ascii_lowercase().ends_with(".cab");
            let name = if is_cabinet { tag } else { &name };
            let folder = if is_cabinet { "" } else { folder.map_or("", String::as_str) };
            Some((platform, relative(&[path, folder, name])?))
        };
        let entries: Vec<text::Line> = text.entries(&section("sourcedisksfiles")).collect();
        entries.into_iter().filter_map(file)
    };
    platforms.flat_map(of_platform).collect()
}

/// One path out of parts with either slash; `None` if it leads out of the folder.
fn relative(parts: &[&str]) -> Option<String> {
    let mut names: Vec<&str> = Vec::new();
    for name in parts.iter().flat_map(|part| part.split(['/', '\\'])).map(str::trim) {
        match name {
            "" | "." => {}
            ".." => drop(names.pop()?),
            name => names.push(name),
        }
    }
    Some(names.join("/"))
}

impl Platform {
    pub const ALL: [Self; 5] = [Self::X86, Self::Ia64, Self::Amd64, Self::Arm, Self::Arm64];

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|platform| platform.section_name() == name)
    }

    fn section_name(self) -> &'static str {
        match self {
            Self::X86 => "x86",
            Self::Ia64 => "ia64",
            Self::Amd64 => "amd64",
            Self::Arm => "arm",
            Self::Arm64 => "arm64",
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::X86 => "x86",
            Self::Ia64 => "Itanium",
            Self::Amd64 => "x64",
            Self::Arm => "ARM",
            Self::Arm64 => "ARM64",
        })
    }
}

#[cfg(test)]
mod tests;
