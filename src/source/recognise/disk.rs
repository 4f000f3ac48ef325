//! The image as a disk: partition tables, boot code, and FAT volumes that firmware would look into.

use std::io::{Read, Seek, SeekFrom};

use super::Reach;
use crate::base::ByteSize;
use crate::format::FormatError;
use crate::format::fat::FatVolume;
use crate::format::gpt::{self, Gpt};
use crate::format::mbr::{self, MBR_BYTES, Mbr, MbrPartition};
use crate::source::{BootRecord, PartitionTable};

#[derive(Debug, Default)]
pub(super) struct Disk {
    /// Of the first FAT volume.
    pub label: Option<String>,
    pub partition_tables: Vec<PartitionTable>,
    /// How the image would start from a stick.
    pub boot: Vec<BootRecord>,
    pub notes: Vec<String>,
}

/// `is_disc`: the image holds an ISO 9660 or UDF volume, so that code in its first sector is there on purpose.
pub(super) fn survey(image: &mut (impl Read + Seek), reach: &Reach, is_disc: bool) -> Disk {
    let mut disk = Disk::default();
    let Some(sector) = first_sector(image, &mut disk.notes) else { return disk };
    let mbr = Mbr::parse(&sector);
    let gpt = disk.read_gpt(image, reach, mbr.as_ref());
    if let Some(mbr) = mbr {
        disk.survey_mbr(image, reach, &sector, &mbr, is_disc, gpt.is_some());
    }
    if let Some(gpt) = gpt {
        disk.survey_gpt(image, reach, &gpt);
    }
    disk
}

fn first_sector(image: &mut (impl Read + Seek), notes: &mut Vec<String>) -> Option<[u8; MBR_BYTES]> {
    let mut sector = [0; MBR_BYTES];
    match image.seek(SeekFrom::Start(0)).and_then(|_| image.read_exact(&mut sector)) {
        Ok(()) => Some(sector),
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            notes.push("The image is smaller than one sector of 512 bytes.".to_owned());
            None
        }
        Err(error) => {
            notes.push(format!("The first sector cannot be read: {error}."));
            None
        }
    }
}

impl Disk {
    fn note_error(&mut self, subject: &str, error: &FormatError) {
        // What lies past the part that can be read is not known to be wrong.
        if !error.is_past_end() {
            self.notes.push(format!("{subject}: {error}."));
        }
    }

    fn boots(&mut self, record: BootRecord) {
        if !self.boot.contains(&record) {
            self.boot.push(record);
        }
    }

    /// The primary GPT, and notes on what is wrong with it or its backup.
    fn read_gpt(&mut self, image: &mut (impl Read + Seek), reach: &Reach, mbr: Option<&Mbr>) -> Option<Gpt> {
        let mut is_damaged = false;
        for sector_bytes in gpt::SECTOR_SIZES {
            match Gpt::read_primary(image, sector_bytes) {
                Ok(Some(gpt)) => {
                    self.note_backup(image, reach, &gpt);
                    return Some(gpt);
                }
                Ok(None) => {}
                Err(error) => {
                    is_damaged |= !error.is_past_end();
                    self.note_error("The GPT is damaged", &error);
                }
            }
        }
        let is_announced = mbr.is_some_and(|mbr| mbr.has_partition_table() && mbr.is_protective());
        if is_damaged || is_announced {
            let backup_is_whole = reach.is_whole()
                && gpt::SECTOR_SIZES.iter().any(|size| matches!(Gpt::read_backup(image, *size), Ok(Some(_))));
            if backup_is_whole {
                self.notes.push(
                    "Only the backup GPT at the image's end is whole; on a larger stick it is not found."
                        .to_owned(),
                );
            } else if is_announced && !is_damaged {
                self.notes.push("The first sector announces a GPT, but there is none.".to_owned());
            }
        }
        None
    }

    fn note_backup(&mut self, image: &mut (impl Read + Seek), reach: &Reach, gpt: &Gpt) {
        if gpt.sector_bytes != 512 {
            self.notes.push(format!(
                "Its GPT is made for drives with sectors of {} bytes; on a drive with other sectors it is not found.",
                gpt.sector_bytes
            ));
        }
        if reach.is_short_of(gpt.end_bytes()) {
            self.notes.push(format!(
                "The backup GPT is missing: the table was made for a disk of {} and the image ends before that.",
                ByteSize(gpt.end_bytes())
            ));
            return;
        }
        match gpt.backup_is_valid(image) {
            Ok(true) => {}
            Ok(false) => self.notes.push("The backup GPT is missing.".to_owned()),
            Err(error) => self.note_error("The backup GPT is damaged", &error),
        }
    }

    fn survey_gpt(&mut self, image: &mut (impl Read + Seek), reach: &Reach, gpt: &Gpt) {
        self.partition_tables.push(PartitionTable::Gpt);
        for partition in &gpt.partitions {
            self.note_end(reach, partition.number, partition.end_bytes(gpt.sector_bytes));
            if partition.type_guid == gpt::TYPE_EFI_SYSTEM {
                self.boots(BootRecord::EfiPartition);
            }
            self.look_into_fat(image, partition.start_bytes(gpt.sector_bytes));
        }
    }

    fn survey_mbr(
        &mut self,
        image: &mut (impl Read + Seek),
        reach: &Reach,
        sector: &[u8; MBR_BYTES],
        mbr: &Mbr,
        is_disc: bool,
        has_gpt: bool,
    ) {
        // Programs for UEFI, Linux kernels among them, begin so, and some also end their first sector in 55 AA.
        let has_code = mbr.has_boot_code && !sector.starts_with(b"MZ");
        if !mbr.has_partition_table() {
            if !is_disc {
                self.survey_bare_boot_sector(image, reach, sector, has_code);
            }
            return;
        }
        let real = |p: &&MbrPartition| !matches!(p.type_code, 0 | mbr::TYPE_PROTECTIVE);
        if mbr.partitions().any(|p| real(&p)) {
            self.partition_tables.push(PartitionTable::Mbr);
        }
        // Generic boot code starts the active partition. GRUB's and the hybrids' does without, and beside a GPT nobody
        // leaves code that is not meant.
        let is_started = mbr.partitions().any(MbrPartition::is_active);
        if has_code && (is_started || is_disc || has_gpt || names_its_loader(sector)) {
            self.boots(BootRecord::MbrCode);
        }
        for partition in mbr.partitions().filter(real) {
            let sector_bytes = self.survey_mbr_partition(image, partition);
            self.note_end(reach, u32::from(partition.number), partition.end_bytes(sector_bytes));
        }
    }

    /// Returns the sector size that the partition counts in, which an MBR does not say: 512 unless a FAT volume is found
    /// only where 4096 puts it.
    fn survey_mbr_partition(&mut self, image: &mut (impl Read + Seek), partition: &MbrPartition) -> u32 {
        if partition.type_code == mbr::TYPE_EFI_SYSTEM {
            self.boots(BootRecord::EfiPartition);
        }
        if self.look_into_fat(image, partition.start_bytes(512))
            || !self.look_into_fat(image, partition.start_bytes(4096))
        {
            return 512;
        }
        const NOTE: &str = "Its partition table is made for drives with sectors of 4096 bytes; on a drive with other \
                            sectors the partitions are not found.";
        if !self.notes.iter().any(|note| note == NOTE) {
            self.notes.push(NOTE.to_owned());
        }
        4096
    }

    /// A first sector that ends in 55 AA and holds no table: a FAT volume without partitions, or a boot sector alone.
    fn survey_bare_boot_sector(
        &mut self,
        image: &mut (impl Read + Seek),
        reach: &Reach,
        sector: &[u8; MBR_BYTES],
        has_code: bool,
    ) {
        match FatVolume::open(image, 0) {
            Ok(Some(fat)) => {
                self.look_into_fat(image, 0);
                if fat.has_boot_code {
                    self.boots(BootRecord::MbrCode);
                }
                if reach.is_short_of(fat.size_bytes) {
                    self.notes.push(format!(
                        "The file system in it has {}, but the image is smaller: it may be incomplete.",
                        ByteSize(fat.size_bytes)
                    ));
                }
            }
            // NTFS and exFAT have boot code in every volume, whether there is something to start or not.
            _ if matches!(&sector[3..11], b"NTFS    " | b"EXFAT   ") => {}
            // The Linux boot protocol's mark: what is left of a boot sector there reads floppies at most.
            _ if has_code && read_mark(image) == *b"HdrS" => {
                self.notes.push(
                    "It is a program for a boot loader, like a Linux kernel; alone it does not start."
                        .to_owned(),
                );
            }
            _ if has_code => {
                self.boots(BootRecord::MbrCode);
                self.notes.push(
                    "It has boot code but no partition table; some machines do not start such a stick."
                        .to_owned(),
                );
            }
            _ => {}
        }
    }

    /// Is there a FAT volume? Then takes its label, and sees whether firmware would find a loader in it.
    fn look_into_fat(&mut self, image: &mut (impl Read + Seek), at: u64) -> bool {
        let Ok(Some(fat)) = FatVolume::open(image, at) else { return false };
        if self.label.is_none() {
            self.label = fat.label(image);
        }
        if fat.has_efi_loader(image).unwrap_or(false) {
            self.boots(BootRecord::EfiPartition);
        }
        true
    }

    fn note_end(&mut self, reach: &Reach, number: u32, end_bytes: u64) {
        if let Some(image_bytes) = reach.image_bytes.filter(|bytes| *bytes < end_bytes) {
            self.notes.push(format!(
                "Partition {number} ends at byte {end_bytes}, but the image has only {image_bytes} bytes: it may be \
                 incomplete."
            ));
        }
    }
}

/// Where a program of the Linux boot protocol has `HdrS`.
fn read_mark(image: &mut (impl Read + Seek)) -> [u8; 4] {
    let mut mark = [0; 4];
    match image.seek(SeekFrom::Start(0x202)).and_then(|_| image.read_exact(&mut mark)) {
        Ok(()) => mark,
        Err(_) => [0; 4],
    }
}

/// Loaders that know where their next part lies, and need no active partition.
fn names_its_loader(sector: &[u8; MBR_BYTES]) -> bool {
    sector.windows(4).any(|window| matches!(window, b"GRUB" | b"LILO"))
}
