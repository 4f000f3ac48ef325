//! What the user should know before Start: how the stick will start, what the machine must be set to, and what this
//! Windows cannot do. Nothing that would only show hours later at the machine is left unsaid.

use super::split::FAT32_FILE_BYTES;
use crate::base::ByteSize;
use crate::plan::{PlannedStick, Scheme, WindowsOptions};
use crate::source::windows::{Architecture, LoaderCertificate, WindowsFacts, WindowsMedia};

/// What the stick will be, in sentences.
pub(super) fn notes(media: &WindowsMedia, stick: &PlannedStick, options: &WindowsOptions) -> Vec<String> {
    let mut notes = Vec::new();
    if stick.boots_bios || !stick.boots_uefi.is_empty() {
        notes.push(starts(stick));
    }
    if let Some(loader) = &media.loader {
        notes.push(format!(
            "The image has no loader for UEFI; Windows’ own is taken out of {} as EFI/BOOT/BOOTX64.EFI.",
            loader.from
        ));
    }
    if let Some(split) = &stick.split {
        let why = if split.image_bytes > FAT32_FILE_BYTES {
            "is too large for FAT32"
        } else {
            "is split as you asked"
        };
        notes.push(format!(
            "{} ({}) {why} and becomes {} parts of at most {}, which Setup takes as one.",
            split.path,
            ByteSize(split.image_bytes),
            split.parts,
            ByteSize(split.part_bytes)
        ));
    }
    notes.extend(options.answer.iter().flat_map(|answer| answer.notes.iter().cloned()));
    notes
}

/// What the user may have to do something about, the most important first.
pub(super) fn advice(
    windows: &WindowsFacts,
    media: &WindowsMedia,
    stick: &PlannedStick,
    sector_bytes: u32,
    of_image: &[String],
    options: &WindowsOptions,
) -> Vec<String> {
    // That a disk will be erased comes before everything.
    let mut advice = stick.erases.clone();
    advice.extend(options.answer.iter().flat_map(|answer| answer.advice.iter().cloned()));
    if !stick.boots_bios && stick.boots_uefi.is_empty() {
        advice.push(starts(stick));
    }
    advice.extend(no_uefi_loader(windows, media, stick));
    if is_old(windows) {
        advice.extend(old_windows(windows, stick));
    }
    advice.extend(certificate(windows, stick));
    if sector_bytes != 512 && stick.boots_bios {
        advice.push(format!(
            "The drive has sectors of {sector_bytes} bytes. Few machines start such a drive by BIOS; UEFI does."
        ));
    }
    if let Some(path) = windows.answer_files.first().filter(|_| !options.without_answer_files) {
        let does = match windows.answers.first().and_then(|found| found.summary.as_ref()) {
            Some(summary) => format!("Setup will obey it without asking: it answers {}.", summary.answered()),
            None => "Setup may follow it without asking, also where it erases disks.".to_owned(),
        };
        advice.push(format!("The image brings an answer file ({path}). {does}"));
    }
    advice.extend(of_image.iter().cloned());
    advice
}

/// Which disks of other machines the stick will erase: sentences.
pub(super) fn erases(windows: &WindowsFacts, options: &WindowsOptions) -> Vec<String> {
    let of_choice = options.answer.iter().filter_map(|answer| answer.erases.clone());
    let of_image = windows.answers.iter().filter(|_| !options.without_answer_files);
    let mut erases: Vec<String> = Vec::new();
    for found in of_image.filter_map(|found| found.erases()) {
        let sentence = format!("An answer file that the image brings: {found}");
        if !erases.contains(&sentence) {
            erases.push(sentence);
        }
    }
    of_choice.chain(erases).collect()
}

fn starts(stick: &PlannedStick) -> String {
    let uefi: Vec<String> = stick.boots_uefi.iter().map(Architecture::to_string).collect();
    let uefi = uefi.join(", ");
    match (stick.boots_bios, uefi.is_empty(), stick.scheme) {
        (true, false, _) => format!("The stick will start computers by BIOS and by UEFI ({uefi})."),
        (true, true, _) => "The stick will start computers by BIOS only.".to_owned(),
        (false, false, Scheme::Gpt) => {
            format!("The stick will start computers by UEFI only ({uefi}); by BIOS it says so and stops.")
        }
        (false, false, Scheme::Mbr) => {
            format!(
                "The stick will start computers by UEFI only ({uefi}): the image has no bootmgr for BIOS."
            )
        }
        (false, true, _) => {
            "Nothing in this image starts a computer: neither bootmgr nor a loader for UEFI was found."
                .to_owned()
        }
    }
}

fn no_uefi_loader(windows: &WindowsFacts, media: &WindowsMedia, stick: &PlannedStick) -> Option<String> {
    if let Some(reason) = &media.loader_missing {
        return Some(format!("No loader for UEFI could be taken out of the image: {reason}."));
    }
    if !stick.boots_uefi.is_empty() {
        return None;
    }
    let is_32_bit = !windows.architectures.is_empty()
        && windows.architectures.iter().all(|architecture| *architecture == Architecture::X86);
    Some(if is_32_bit {
        "32-bit Windows of this age has no loader for UEFI: set the machine to BIOS (legacy, CSM).".to_owned()
    } else {
        "The image has no loader for UEFI, and none of its images holds one: set the machine to BIOS (legacy, CSM)."
            .to_owned()
    })
}

/// Windows 7 and Vista.
fn is_old(windows: &WindowsFacts) -> bool {
    matches!(windows.version, Some([6, 0 | 1, _]))
}

fn old_windows(windows: &WindowsFacts, stick: &PlannedStick) -> Vec<String> {
    let name = &windows.product;
    let mut notes = Vec::new();
    if !stick.boots_uefi.is_empty() {
        notes.push(format!(
            "By UEFI, {name} needs the machine’s compatibility module (CSM, for INT 10h graphics) on and Secure Boot off; \
             without a CSM it stops at “Starting Windows”."
        ));
    }
    let has_drivers =
        stick.files.iter().any(|file| file.path.to_ascii_lowercase().starts_with("$winpedriver$/"));
    let remedy = if has_drivers {
        "Setup will load the drivers in $WinPEDriver$, once it can read the stick."
    } else {
        "Use a USB 2 port, or add drivers to the folder $WinPEDriver$."
    };
    notes.push(format!("{name} has no drivers for USB 3 and for NVMe disks inside. {remedy}"));
    notes
}

/// Which machines with Secure Boot will take the loader for UEFI.
fn certificate(windows: &WindowsFacts, stick: &PlannedStick) -> Option<String> {
    if stick.loader_from.is_some() {
        return None;
    }
    let loader = windows.loader(Architecture::X64).or(windows.boot.uefi.first())?;
    Some(match &loader.certificate {
        LoaderCertificate::Unsigned => {
            "Its UEFI loader is not signed: it starts only where Secure Boot is off.".to_owned()
        }
        LoaderCertificate::Pca2011 => {
            "Its UEFI loader is signed with Microsoft’s certificate of 2011 (Windows Production PCA 2011), which updated \
             machines may have revoked: if one refuses it, turn Secure Boot off there or use newer media."
                .to_owned()
        }
        LoaderCertificate::Ca2023 => {
            "Its UEFI loader is signed with Microsoft’s certificate of 2023 (Windows UEFI CA 2023). Machines whose firmware \
             does not know it yet refuse it while Secure Boot is on."
                .to_owned()
        }
        LoaderCertificate::Other(name) => {
            format!("Its UEFI loader is signed by “{name}”; Secure Boot takes it only where the firmware trusts that.")
        }
        LoaderCertificate::Unreadable => {
            "The signature of its UEFI loader cannot be read; Secure Boot will hardly take it.".to_owned()
        }
    })
}
