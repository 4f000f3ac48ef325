//! The loaders in `efi/boot`: are they programs for the machine that their name says, and who signed them.

use std::io::{Read, Seek};

use super::media::MediaFile;
use super::{Architecture, LoaderCertificate, UefiLoader};
use crate::format::FormatError;
use crate::format::pe::{Pe, Signer, machine};
use crate::format::tree::FileReader;

/// IMAGE_SUBSYSTEM_EFI_APPLICATION.
const UEFI_APPLICATION: u16 = 10;

/// `None` if firmware for `architecture` would not start the file.
pub(super) fn read(
    image: &mut (impl Read + Seek),
    architecture: Architecture,
    file: &MediaFile,
) -> Result<Option<UefiLoader>, FormatError> {
    let mut reader = FileReader::new(image, &file.entry);
    let pe = Pe::read(&mut reader)?;
    let Some(pe) = pe.filter(|pe| pe.subsystem == UEFI_APPLICATION && runs_on(pe.machine, architecture))
    else {
        return Ok(None);
    };
    // A damaged signature is for the firmware to judge.
    let certificate = pe.signer(&mut reader).map_or(LoaderCertificate::Unreadable, certificate);
    Ok(Some(UefiLoader { path: file.path.clone(), architecture, certificate }))
}

/// Is a program of this PE machine type one for this architecture?
pub fn runs_on(pe_machine: u16, architecture: Architecture) -> bool {
    match architecture {
        Architecture::X86 => pe_machine == machine::I386,
        Architecture::X64 => pe_machine == machine::AMD64,
        Architecture::Arm => matches!(pe_machine, machine::ARM | machine::ARM_NT),
        Architecture::Arm64 => pe_machine == machine::ARM64,
    }
}

/// Whose certificate firmware needs to know.
pub fn certificate(signer: Signer) -> LoaderCertificate {
    let names = match signer {
        Signer::Nobody => return LoaderCertificate::Unsigned,
        Signer::Unreadable => return LoaderCertificate::Unreadable,
        Signer::IssuedBy(names) => names,
    };
    let known = names.iter().find_map(|name| match name.as_str() {
        "Microsoft Windows Production PCA 2011" => Some(LoaderCertificate::Pca2011),
        "Windows UEFI CA 2023" => Some(LoaderCertificate::Ca2023),
        _ => None,
    });
    known.unwrap_or_else(|| LoaderCertificate::Other(names.join(", ")))
}
