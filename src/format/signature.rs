//! Which file system or container a volume holds, by the signatures in its first bytes. Names are those of udev and
//! blkid, so that both sources of the answer agree.
//!
//! A signature is no proof: nothing here is checked beyond what tells one format from another.

mod fat;

use fat::fat;

/// As much of a volume as [`identify`] can make use of.
pub const PROBE_BYTES: usize = 128 * 1024;

/// What a volume seems to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// `vfat`, `ext4`, `crypto_LUKS`, …
    pub kind: &'static str,
    /// As stored, without padding; it may hold any character.
    pub label: Option<String>,
}

/// Looks for a signature in the first bytes of a volume; fewer than [`PROBE_BYTES`] only hide those that lie further
/// in. Containers are asked for before file systems: they leave old file systems standing behind their own headers.
pub fn identify(start: &[u8]) -> Option<Signature> {
    let volume = Volume(start);
    container(volume)
        .or_else(|| windows(volume))
        .or_else(|| linux(volume))
        .or_else(|| optical(volume))
        .or_else(|| fat(volume))
}

/// The first bytes of a volume; whatever lies past their end reads as nothing.
#[derive(Clone, Copy)]
struct Volume<'a>(&'a [u8]);

impl<'a> Volume<'a> {
    fn bytes(self, at: usize, len: usize) -> Option<&'a [u8]> {
        self.0.get(at..at.checked_add(len)?)
    }

    fn has(self, at: usize, magic: &[u8]) -> bool {
        self.bytes(at, magic.len()) == Some(magic)
    }

    fn u16(self, at: usize) -> Option<u16> {
        Some(u16::from_le_bytes(self.bytes(at, 2)?.try_into().ok()?))
    }

    fn u32(self, at: usize) -> Option<u32> {
        Some(u32::from_le_bytes(self.bytes(at, 4)?.try_into().ok()?))
    }

    /// A UTF-8 label of at most `len` bytes, padded with zeroes or blanks.
    fn label(self, at: usize, len: usize) -> Option<String> {
        let field = self.bytes(at, len)?;
        let end = field.iter().position(|byte| *byte == 0).unwrap_or(len);
        let text = String::from_utf8_lossy(&field[..end]);
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// A UTF-16LE label of at most `units` code units, which may end in a zero.
    fn label_utf16(self, at: usize, units: usize) -> Option<String> {
        let field = self.bytes(at, units.checked_mul(2)?)?;
        let units = field.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        let text: Vec<u16> = units.take_while(|unit| *unit != 0).collect();
        let text = String::from_utf16_lossy(&text);
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }
}

fn found(kind: &'static str, label: Option<String>) -> Option<Signature> {
    Some(Signature { kind, label })
}

/// Encryption, volume managers, RAID and swap.
fn container(volume: Volume<'_>) -> Option<Signature> {
    // LUKS1 has no label; in LUKS2 it stands behind version and two lengths (on-disk format specification, 2.1).
    if volume.has(0, b"LUKS\xBA\xBE") {
        let is_version_2 = volume.has(6, &[0, 2]);
        return found("crypto_LUKS", volume.label(24, 48).filter(|_| is_version_2));
    }
    if volume.has(3, b"-FVE-FS-") {
        return found("BitLocker", None);
    }
    // The LVM label may stand in any of the first four sectors.
    if (0..4)
        .map(|sector| sector * 512)
        .any(|at| volume.has(at, b"LABELONE") && volume.has(at + 24, b"LVM2 001"))
    {
        return found("LVM2_member", None);
    }
    // md metadata 1.1 at the start, 1.2 behind 4 KiB; 1.0 and 0.90 lie at the end of the volume.
    for at in [0, 4096] {
        if volume.u32(at) == Some(0xA92B_4EFC) && volume.u32(at + 4) == Some(1) {
            return found("linux_raid_member", volume.label(at + 32, 32));
        }
    }
    // The swap signature ends the first page, whose size depends on the machine.
    for page in [4096, 8192, 16384, 65536] {
        if volume.has(page - 10, b"SWAPSPACE2") || volume.has(page - 10, b"SWAP-SPACE") {
            return found("swap", volume.label(1024 + 28, 16));
        }
        if volume.has(page - 10, b"S1SUSPEND\0") || volume.has(page - 10, b"LINHIB0001") {
            return found("swsuspend", volume.label(1024 + 28, 16));
        }
    }
    // A ZFS label begins with its name-value list at 16 KiB: XDR encoding, and "version" for its first name.
    if volume.has(0x4000, &[1, 1, 0, 0]) && volume.has(0x4018, b"\0\0\0\x07version") {
        return found("zfs_member", None);
    }
    None
}

fn windows(volume: Volume<'_>) -> Option<Signature> {
    if volume.has(3, b"NTFS    ") && volume.has(510, &[0x55, 0xAA]) {
        return found("ntfs", None);
    }
    if volume.has(3, b"EXFAT   ") && volume.has(510, &[0x55, 0xAA]) {
        return found("exfat", exfat_label(volume));
    }
    if volume.has(3, b"\0\0\0\0ReFS") || volume.has(3, b"ReFS\0\0\0\0") {
        return found("ReFS", None);
    }
    None
}

/// The label's entry (type 0x83) in the first cluster of the root directory, where that is near enough (exFAT
/// specification, 3.1 and 7.3).
fn exfat_label(volume: Volume<'_>) -> Option<String> {
    let sector_shift = u32::from(*volume.0.get(108)?);
    let cluster_shift =
        sector_shift.checked_add(u32::from(*volume.0.get(109)?)).filter(|shift| *shift <= 25)?;
    let heap = u64::from(volume.u32(88)?).checked_shl(sector_shift)?;
    let root = heap.checked_add(u64::from(volume.u32(96)?.checked_sub(2)?) << cluster_shift)?;
    let root = usize::try_from(root).ok()?;
    let entries = volume.0.get(root..)?.chunks_exact(32).take((1 << cluster_shift) / 32);
    let entry = entries.take_while(|entry| entry[0] != 0).find(|entry| entry[0] == 0x83)?;
    Volume(entry).label_utf16(2, usize::from(entry[1]).min(11))
}

fn linux(volume: Volume<'_>) -> Option<Signature> {
    if volume.u16(1024 + 0x38) == Some(0xEF53) {
        return found(ext_version(volume)?, volume.label(1024 + 0x78, 16));
    }
    if volume.has(0, b"XFSB") {
        return found("xfs", volume.label(108, 12));
    }
    if volume.has(0x1_0040, b"_BHRfS_M") {
        return found("btrfs", volume.label(0x1_012B, 256));
    }
    if volume.u32(1024) == Some(0xF2F5_2010) {
        return found("f2fs", volume.label_utf16(1024 + 0x7C, 512));
    }
    if volume.has(0, b"hsqs") || volume.has(0, b"sqsh") {
        return found("squashfs", None);
    }
    if volume.u32(1024) == Some(0xE0F5_E1E2) {
        return found("erofs", volume.label(1024 + 64, 16));
    }
    const BCACHEFS: &[u8] = b"\xC6\x85\x73\xF6\x66\xCE\x90\xA9\xD9\x6A\x60\xCF\x80\x3D\xF7\xEF";
    if volume.has(4096 + 24, BCACHEFS) {
        return found("bcachefs", None);
    }
    if volume.has(0x8000, b"JFS1") {
        return found("jfs", volume.label(0x8000 + 152, 16));
    }
    for at in [0x1_0000, 0x2000] {
        if volume.has(at + 0x34, b"ReIsEr") {
            return found("reiserfs", volume.label(at + 100, 16));
        }
    }
    if volume.has(1024, b"H+\0\x04") || volume.has(1024, b"HX\0\x05") {
        return found("hfsplus", None);
    }
    if volume.has(32, b"NXSB") {
        return found("apfs", None);
    }
    None
}

/// The version of an ext file system, by the features that only newer drivers understand.
fn ext_version(volume: Volume<'_>) -> Option<&'static str> {
    const HAS_JOURNAL: u32 = 0x4;
    const JOURNAL_DEVICE: u32 = 0x8;
    /// What ext3 knows of the incompatible and of the read-only compatible features.
    const EXT3_INCOMPAT: u32 = 0x2 | 0x4 | 0x10;
    const EXT3_RO_COMPAT: u32 = 0x1 | 0x2 | 0x4;
    let (compat, incompat, ro_compat) =
        (volume.u32(1024 + 0x5C)?, volume.u32(1024 + 0x60)?, volume.u32(1024 + 0x64)?);
    Some(if incompat & JOURNAL_DEVICE != 0 {
        "jbd"
    } else if incompat & !EXT3_INCOMPAT != 0 || ro_compat & !EXT3_RO_COMPAT != 0 {
        "ext4"
    } else if compat & HAS_JOURNAL != 0 {
        "ext3"
    } else {
        "ext2"
    })
}

/// ISO 9660 and UDF, whose descriptors begin at 32 KiB in sectors of 2048 bytes.
fn optical(volume: Volume<'_>) -> Option<Signature> {
    const FIRST: usize = 16;
    const MOST: usize = 64;
    let at = |sector: usize| sector * 2048;
    let is_iso = volume.has(at(FIRST) + 1, b"CD001");
    // ECMA-119 8.4.7; the label of a pure UDF volume lies further in.
    let label = volume.label(at(FIRST) + 40, 32).filter(|_| is_iso);
    let sequence = (FIRST..MOST).map(|sector| volume.bytes(at(sector) + 1, 5));
    let mut known =
        sequence.take_while(|id| matches!(id, Some(b"CD001" | b"BEA01" | b"NSR02" | b"NSR03" | b"BOOT2")));
    if known.any(|id| matches!(id, Some(b"NSR02" | b"NSR03"))) {
        return found("udf", label);
    }
    if is_iso { found("iso9660", label) } else { None }
}

#[cfg(test)]
mod tests;
