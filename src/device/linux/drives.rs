//! Whole drives, described for people, out of sysfs.

use std::path::{Component, Path};

use super::super::printable::printable;
use super::super::{Bus, Drive, Identity, Partition};
use super::appeared::appeared_unix_secs;
use super::root::{attribute, link_name, number, read_text};
use super::sysfs::Node;
use super::system::{Claim, System};
use super::uses::{Stoppable, uses};
use super::volume::volume;

const DEFAULT_SECTOR: u64 = 512;

/// Every whole drive that has a size, by path.
pub(super) fn drives(system: &System) -> Vec<Drive> {
    let mut drives: Vec<Drive> =
        system.tree.wholes().filter(|node| is_drive(node)).map(|node| drive(system, node)).collect();
    drives.sort_by(|a, b| a.identity.path.cmp(&b.identity.path));
    drives
}

/// A drive that could be written to, as opposed to memory, optical drives, layers over other drives, the boot areas of
/// an eMMC, the single paths under NVMe multipath, and readers without a card.
pub(super) fn is_drive(node: &Node) -> bool {
    let is_virtual = node.dir.to_string_lossy().contains("/devices/virtual/block/");
    let may_be_virtual = node.name.starts_with("nbd") || node.backing_file.is_some();
    let numbered = |prefix: &str| {
        node.name.strip_prefix(prefix).is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    };
    node.partition.is_none()
        && node.size_bytes > 0
        && (!is_virtual || may_be_virtual)
        && !["sr", "fd", "mtdblock", "ram", "zram", "md", "dm-"].into_iter().any(numbered)
        && !(node.name.starts_with("mmcblk") && (node.name.contains("boot") || node.name.contains("rpmb")))
        && number(&node.dir, "hidden") != Some(1)
}

pub(super) fn drive(system: &System, node: &Node) -> Drive {
    let hardware = Hardware::of(node);
    let mut partitions = partitions(system, node);
    let removable = number(&node.dir, "removable") == Some(1);
    // Some controllers set the removable bit for every disk on them that could be exchanged: it is no sign of a stick.
    let is_internal = matches!(hardware.bus, Bus::Ata | Bus::Nvme | Bus::Virtio);
    let hotplug = hardware.hotplug || (removable && !is_internal);
    let mut uses = uses(system, &node.name, hotplug);
    uses.system.extend(zfs_use(system, &partitions));
    let sector = |name| {
        let bytes = number(&node.dir, name).filter(|bytes| bytes.is_power_of_two()).unwrap_or(DEFAULT_SECTOR);
        u32::try_from(bytes).unwrap_or(512)
    };
    partitions.sort_by_key(|partition| (partition.offset_bytes, partition.number));
    Drive {
        identity: Identity {
            path: node.path.clone(),
            vendor: hardware.vendor,
            model: hardware.model,
            serial: hardware.serial,
            wwn: hardware.wwn,
            size_bytes: node.size_bytes,
            sector_bytes: sector("queue/logical_block_size"),
            port: hardware.port,
            device_number: node.number,
            sequence: number(&node.dir, "diskseq"),
        },
        bus: hardware.bus,
        physical_sector_bytes: sector("queue/physical_block_size"),
        removable,
        hotplug,
        read_only: number(&node.dir, "ro") == Some(1),
        partitions,
        system_uses: uses.system,
        stoppable_uses: uses.stoppable.iter().map(Stoppable::sentence).collect(),
        appeared_unix_secs: appeared_unix_secs(&system.root, node),
    }
}

/// The partitions, and the drive itself where a file system covers it or where it is mounted as a whole (hybrid images
/// are both).
fn partitions(system: &System, whole: &Node) -> Vec<Partition> {
    let describe = |node: &Node, probe: bool| Partition {
        path: node.path.clone(),
        number: node.partition.as_ref().map(|place| place.number),
        offset_bytes: node.partition.as_ref().map_or(0, |place| place.offset_bytes),
        size_bytes: node.size_bytes,
        volume: if probe { volume(&system.root, node) } else { None },
        mount_points: system
            .claims(&node.name)
            .filter_map(|claim| match claim {
                Claim::Mount(point) => Some(point.clone()),
                _ => None,
            })
            .collect(),
    };
    let mut found: Vec<Partition> =
        system.tree.partitions(&whole.name).into_iter().map(|node| describe(node, true)).collect();
    let mut itself = describe(whole, found.is_empty());
    if !itself.mount_points.is_empty() && itself.volume.is_none() {
        itself.volume = volume(&system.root, whole);
    }
    if itself.volume.is_some() || !itself.mount_points.is_empty() {
        found.push(itself);
    }
    found
}

/// ZFS does not tell the kernel which drives its pools lie on; while any pool is mounted, all its members are kept.
fn zfs_use(system: &System, partitions: &[Partition]) -> Option<String> {
    let member = partitions.iter().find(|p| p.volume.as_ref().is_some_and(|v| v.kind == "zfs_member"))?;
    let mounted = system.mounts.iter().find(|mount| mount.kind == "zfs")?;
    let (path, point) = (member.path.display(), mount_name(&mounted.point));
    Some(format!("{path} belongs to a ZFS pool while ZFS is mounted at {point}"))
}

fn mount_name(point: &Path) -> String {
    printable(&point.to_string_lossy()).unwrap_or_default()
}

/// What the drive says of itself. All of it comes from the kernel: udev's database fills up only some time after a
/// drive appeared, and an identity must not change by that.
struct Hardware {
    bus: Bus,
    vendor: Option<String>,
    model: Option<String>,
    serial: Option<String>,
    wwn: Option<String>,
    port: Option<String>,
    hotplug: bool,
}

impl Hardware {
    fn of(node: &Node) -> Self {
        let device = node.dir.join("device");
        let usb = UsbPlace::of(&node.dir);
        let subsystem = link_name(&device, "subsystem").unwrap_or_default();
        let bus = match (subsystem.as_str(), &usb) {
            _ if node.backing_file.is_some() => Bus::Loop,
            ("mmc", _) => Bus::Mmc,
            (_, Some(usb)) => usb.bus,
            ("nvme" | "nvme-subsystem", _) => Bus::Nvme,
            ("scsi" | "ide", _) => Bus::Ata,
            ("virtio", _) => Bus::Virtio,
            _ => Bus::Other,
        };
        let clean = |dir: &Path, name: &str| attribute(dir, name).as_deref().and_then(printable);
        let from_usb = |name: &str| usb.as_ref().and_then(|usb| clean(&usb.device, name));
        Self {
            bus,
            // The SCSI names tell the slots of one card reader apart, those of USB do not.
            vendor: match bus {
                // The number of the PCI vendor is no name.
                Bus::Virtio => None,
                _ => clean(&device, "vendor").or_else(|| from_usb("manufacturer")),
            },
            model: clean(&device, "model")
                .or_else(|| clean(&device, "name").filter(|_| bus == Bus::Mmc))
                .or_else(|| from_usb("product")),
            serial: from_usb("serial")
                .filter(|_| bus != Bus::Mmc)
                .or_else(|| clean(&device, "serial"))
                .or_else(|| clean(&node.dir, "serial"))
                .or_else(|| scsi_serial(&device)),
            wwn: clean(&device, "wwid")
                .or_else(|| clean(&node.dir, "wwid"))
                .filter(|id| !id.starts_with("t10.")),
            port: usb.as_ref().map(|usb| usb.port.clone()),
            hotplug: usb.is_some()
                || (bus == Bus::Mmc && attribute(&device, "type").as_deref() != Some("MMC"))
                || unplugs(&node.dir),
        }
    }
}

/// The USB device that a drive hangs on, if any.
struct UsbPlace {
    device: std::path::PathBuf,
    port: String,
    bus: Bus,
}

impl UsbPlace {
    /// Goes up from the drive: first comes the interface (`1-4.2:1.0`), which knows its driver, then the device.
    fn of(dir: &Path) -> Option<Self> {
        let interface = dir.ancestors().find(|dir| {
            let name = dir.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            name.split_once(':').is_some_and(|(port, _)| is_usb_port(port))
        })?;
        let device = interface.parent()?;
        let driver = link_name(interface, "driver").unwrap_or_default();
        Some(Self {
            device: device.to_owned(),
            port: device.file_name()?.to_string_lossy().into_owned(),
            bus: if driver == "uas" { Bus::Uas } else { Bus::Usb },
        })
    }
}

/// `1-4.2`: a bus, then a port for each hub on the way.
fn is_usb_port(name: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    name.split_once('-').is_some_and(|(bus, ports)| is_number(bus) && ports.split('.').all(is_number))
}

/// A PCI device in a slot that the firmware calls removable (Thunderbolt, ExpressCard).
fn unplugs(dir: &Path) -> bool {
    dir.ancestors()
        .take_while(|dir| dir.components().next_back() != Some(Component::Normal("devices".as_ref())))
        .any(|dir| read_text(&dir.join("removable")).trim() == "removable")
}

/// The unit serial number page of a SCSI or SATA disk (SPC-4 7.8.15): four bytes of header, then the number.
fn scsi_serial(device: &Path) -> Option<String> {
    let page = std::fs::read(device.join("vpd_pg80")).ok()?;
    printable(&String::from_utf8_lossy(page.get(4..)?))
}
