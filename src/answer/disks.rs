//! Partitions: what Setup makes of a disk that is wiped, and which partition Windows goes into.

use super::guard;
use super::options::{Disks, Layout, Wipe};
use super::version::Version;
use super::xml::Element;

/// For a recovery environment, hidden from people.
const RECOVERY_MBR: &str = "0x27";
const RECOVERY_GPT: &str = "de94bba4-06d1-4d40-a16a-bfd50179d6ac";

pub(super) const SYSTEM_LABEL: &str = "System";
pub(super) const RECOVERY_LABEL: &str = "Recovery";
pub(super) const WINDOWS_LABEL: &str = "Windows";
pub(super) const DATA_LABEL: &str = "Data";

/// By default, MB.
pub(super) fn system_mb(layout: Layout, version: Version) -> u32 {
    match layout {
        Layout::Uefi => 260,
        // From 8 on the recovery environment lies in it as well.
        Layout::Bios if version >= Version::Eight => 500,
        Layout::Bios => 100,
    }
}

/// By default, MB.
pub(super) const RESERVED_MB: u32 = 16;

struct Partition {
    kind: &'static str,
    /// `None`: all that is left.
    size_mb: Option<u32>,
    /// File system and label; none for the reserved partition, which must not be modified.
    format: Option<(&'static str, &'static str)>,
    type_id: Option<&'static str>,
    is_active: bool,
}

impl Partition {
    fn ntfs(size_mb: Option<u32>, label: &'static str) -> Self {
        Self { kind: "Primary", size_mb, format: Some(("NTFS", label)), type_id: None, is_active: false }
    }
}

/// In the order in which they lie. The last one takes what is left, and there is no other such.
fn partitions(wipe: &Wipe, version: Version) -> Vec<Partition> {
    let system_mb = Some(wipe.system_mb.unwrap_or(system_mb(wipe.layout, version)));
    let recovery = wipe.recovery_mb.map(|size_mb| Partition::ntfs(Some(size_mb), RECOVERY_LABEL));
    let windows = Partition::ntfs(wipe.windows_mb, WINDOWS_LABEL);
    let data = wipe.windows_mb.map(|_| Partition::ntfs(None, DATA_LABEL));
    let mut partitions = Vec::new();
    match wipe.layout {
        Layout::Bios => {
            partitions.push(Partition { is_active: true, ..Partition::ntfs(system_mb, SYSTEM_LABEL) });
            partitions.extend(recovery.map(|it| Partition { type_id: Some(RECOVERY_MBR), ..it }));
        }
        Layout::Uefi => {
            let efi = Partition::ntfs(system_mb, SYSTEM_LABEL);
            partitions.push(Partition { kind: "EFI", format: Some(("FAT32", SYSTEM_LABEL)), ..efi });
            let reserved_mb = Some(wipe.reserved_mb.unwrap_or(RESERVED_MB));
            partitions.push(Partition { kind: "MSR", format: None, ..Partition::ntfs(reserved_mb, "") });
            partitions.extend(recovery.map(|it| Partition { type_id: Some(RECOVERY_GPT), ..it }));
        }
    }
    partitions.push(windows);
    partitions.extend(data);
    partitions
}

/// Disk and partition that Windows goes into; `None` where Setup asks.
pub(super) fn install_to(disks: &Disks) -> Option<(u32, u32)> {
    match disks {
        Disks::Interactive => None,
        Disks::Keep(keep) => Some((keep.disk, keep.partition)),
        Disks::Wipe(wipe) => {
            let before_windows = match wipe.layout {
                Layout::Bios => 1,
                Layout::Uefi => 2,
            };
            Some((wipe.disk, before_windows + u32::from(wipe.recovery_mb.is_some()) + 1))
        }
    }
}

pub(super) fn configuration(disks: &Disks, version: Version) -> Element {
    let Disks::Wipe(wipe) = disks else { return Element::parent("DiskConfiguration", Vec::new()) };
    let partitions = partitions(wipe, version);
    let wiped = Element::item(
        "Disk",
        vec![
            Element::text("DiskID", wipe.disk.to_string()),
            Element::text("WillWipeDisk", "true"),
            Element::parent("CreatePartitions", (1..).zip(&partitions).map(create).collect()),
            Element::parent("ModifyPartitions", modifications(&partitions)),
        ],
    );
    Element::parent(
        "DiskConfiguration",
        vec![
            Element::text("WillShowUI", "OnError"),
            // First: where it fails, nothing has been wiped.
            guard::stick(wipe),
            wiped,
        ],
    )
}

fn create((order, partition): (u32, &Partition)) -> Element {
    let size = match partition.size_mb {
        Some(size_mb) => Element::text("Size", size_mb.to_string()),
        None => Element::text("Extend", "true"),
    };
    Element::item(
        "CreatePartition",
        vec![Element::text("Order", order.to_string()), Element::text("Type", partition.kind), size],
    )
}

fn modifications(partitions: &[Partition]) -> Vec<Element> {
    let formatted =
        (1..).zip(partitions).filter_map(|(id, partition)| Some((id, partition, partition.format?)));
    (1..)
        .zip(formatted)
        .map(|(order, (id, partition, (file_system, label))): (u32, (u32, _, _))| {
            let mut settings = vec![
                Element::text("Order", order.to_string()),
                Element::text("PartitionID", id.to_string()),
                Element::text("Format", file_system),
                Element::text("Label", label),
            ];
            if partition.is_active {
                settings.push(Element::text("Active", "true"));
            }
            settings.extend(partition.type_id.map(|id| Element::text("TypeID", id)));
            Element::item("ModifyPartition", settings)
        })
        .collect()
}
