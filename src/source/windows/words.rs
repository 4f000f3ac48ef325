//! Windows media in words, which both faces say alike.

use super::language::language_name;
use super::{Edition, InstallImage, InstallKind, LoaderCertificate, WindowsFacts};
use crate::base::ByteSize;
use crate::source::{FoundAnswer, alike_as_one};

/// More languages than this are counted instead of named.
const MOST_LANGUAGES: usize = 3;

impl WindowsFacts {
    /// `Windows 7 Professional and 4 other editions, x64, German`
    pub fn contents(&self) -> String {
        let mut parts = vec![match (self.foremost_edition(), self.editions.len()) {
            (None, _) => self.product.clone(),
            (Some(edition), 1) => edition.shown_name().to_owned(),
            (Some(edition), 2) => format!("{} and 1 other edition", edition.shown_name()),
            (Some(edition), count) => format!("{} and {} other editions", edition.shown_name(), count - 1),
        }];
        if !self.architectures.is_empty() {
            parts.push(listed(self.architectures.iter().map(ToString::to_string)));
        }
        match self.languages.len() {
            0 => {}
            1..=MOST_LANGUAGES => {
                parts.push(listed(self.languages.iter().map(|tag| language_name(tag).to_owned())))
            }
            count => parts.push(format!("{count} languages")),
        }
        parts.join(", ")
    }

    /// The edition that `ei.cfg` names, else the first.
    fn foremost_edition(&self) -> Option<&Edition> {
        let wanted = self.ei_cfg.as_ref().and_then(|cfg| cfg.edition_id.as_deref());
        let is_wanted = |edition: &&Edition| match (wanted, edition.edition_id.as_deref()) {
            (Some(wanted), Some(id)) => wanted.eq_ignore_ascii_case(id),
            _ => false,
        };
        self.editions.iter().find(is_wanted).or(self.editions.first())
    }

    /// How a stick with these files starts: `Starts by BIOS, and by UEFI (x64) with a loader taken from install.wim.`
    pub fn starts(&self) -> String {
        let mut ways = Vec::new();
        if self.boot.bios {
            ways.push("by BIOS".to_owned());
        }
        if !self.boot.uefi.is_empty() {
            let names = listed(self.boot.uefi.iter().map(|loader| loader.architecture.to_string()));
            ways.push(format!("by UEFI ({names})"));
        }
        if let Some(place) = self.boot.uefi_from_image.first() {
            let name = file_name(&place.path);
            ways.push(format!("by UEFI (x64) with a loader taken from {name}"));
        }
        match &ways[..] {
            [] => "Starts neither by BIOS nor by UEFI.".to_owned(),
            [way] => format!("Starts {way} only."),
            ways => format!("Starts {}.", ways.join(", and ")),
        }
    }

    /// What Secure Boot makes of the loaders in `efi/boot`.
    pub fn secure_boot(&self) -> Vec<String> {
        let sentence = |certificate: &LoaderCertificate| {
            match certificate {
            LoaderCertificate::Unsigned => "is not signed: it starts only where Secure Boot is off.".to_owned(),
            LoaderCertificate::Pca2011 => {
                "is signed under Microsoft Windows Production PCA 2011; machines that have revoked it need Secure Boot off."
                    .to_owned()
            }
            LoaderCertificate::Ca2023 => {
                "is signed under Windows UEFI CA 2023; firmware that does not know it yet needs Secure Boot off."
                    .to_owned()
            }
            LoaderCertificate::Other(name) => format!("is signed under “{name}”."),
            LoaderCertificate::Unreadable => "has a signature that cannot be read.".to_owned(),
        }
        };
        let loaders = &self.boot.uefi;
        loaders
            .iter()
            .map(|loader| format!("{} {}", file_name(&loader.path), sentence(&loader.certificate)))
            .collect()
    }

    /// `install.wim, 2.9 GB`, one line for each install image.
    pub fn install_lines(&self) -> Vec<String> {
        if self.install.is_empty() {
            return vec!["No install image: it starts, but installs nothing".to_owned()];
        }
        let several = self.install.len() > 1;
        let line = |image: &InstallImage| {
            let mut parts =
                vec![if several { image.path.as_str() } else { file_name(&image.path) }.to_owned()];
            if image.kind == InstallKind::SplitWim {
                parts.push(format!("in {} parts", image.parts.len()));
            }
            if image.is_solid {
                parts.push("solid".to_owned());
            }
            parts.push(ByteSize(image.bytes).to_string());
            parts.join(", ")
        };
        self.install.iter().map(line).collect()
    }

    /// What files inside tell Setup to do without asking.
    pub fn setup_lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(cfg) = &self.ei_cfg {
            lines.push(match (&cfg.edition_id, &cfg.channel) {
                (Some(edition), Some(channel)) => format!("ei.cfg: Setup offers {edition} only ({channel})"),
                (Some(edition), None) => format!("ei.cfg: Setup offers {edition} only"),
                (None, Some(channel)) => format!("ei.cfg: Setup lets you choose the edition ({channel})"),
                (None, None) => "ei.cfg: names no edition".to_owned(),
            });
        }
        if self.has_pid_txt {
            lines.push("PID.txt: a product key is inside".to_owned());
        }
        for path in &self.answer_files {
            lines.push(format!("{path}: an answer file is inside already"));
        }
        lines
    }

    /// What the answer files inside do.
    pub fn answer_lines(&self) -> Vec<String> {
        alike_as_one(&self.answers).iter().map(FoundAnswer::line).collect()
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// `x86`, `x86 and x64`, `x86, x64 and ARM64`.
fn listed(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    match items.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => items.concat(),
    }
}
