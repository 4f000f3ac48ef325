//! Questions and commands to a block device that have no other way than ioctl(2); numbers from `linux/fs.h`.

use std::fs::File;
use std::io;

use rustix::ioctl::{Getter, NoArg, Opcode, ioctl, opcode};

const BLKROGET: Opcode = opcode::none(0x12, 94);
const BLKRRPART: Opcode = opcode::none(0x12, 95);
const BLKFLSBUF: Opcode = opcode::none(0x12, 97);
/// Declared over `size_t`, which it is not: the kernel writes 64 bits everywhere.
const BLKGETSIZE64: Opcode = opcode::read::<usize>(0x12, 114);
const BLKGETDISKSEQ: Opcode = opcode::read::<u64>(0x12, 128);

/// The size in bytes; 0 once the drive is gone.
#[allow(unsafe_code)]
pub(super) fn size_bytes(file: &File) -> io::Result<u64> {
    // SAFETY: BLKGETSIZE64 writes one u64 through its argument.
    Ok(unsafe { ioctl(file, Getter::<BLKGETSIZE64, u64>::new()) }?)
}

/// The kernel's count of attached disks; Linux 5.15 or newer.
#[allow(unsafe_code)]
pub(super) fn disk_sequence(file: &File) -> io::Result<u64> {
    // SAFETY: BLKGETDISKSEQ writes one u64 through its argument.
    Ok(unsafe { ioctl(file, Getter::<BLKGETDISKSEQ, u64>::new()) }?)
}

#[allow(unsafe_code)]
pub(super) fn is_read_only(file: &File) -> io::Result<bool> {
    // SAFETY: BLKROGET writes one int through its argument.
    Ok(unsafe { ioctl(file, Getter::<BLKROGET, i32>::new()) }? != 0)
}

/// Writes out and forgets what the page cache holds of the device. Needs CAP_SYS_ADMIN.
#[allow(unsafe_code)]
pub(super) fn flush_cache(file: &File) -> io::Result<()> {
    // SAFETY: BLKFLSBUF takes no argument.
    Ok(unsafe { ioctl(file, NoArg::<BLKFLSBUF>::new()) }?)
}

/// Makes the kernel read the partition table again. Needs CAP_SYS_ADMIN.
#[allow(unsafe_code)]
pub(super) fn reread_partitions(file: &File) -> io::Result<()> {
    // SAFETY: BLKRRPART takes no argument.
    Ok(unsafe { ioctl(file, NoArg::<BLKRRPART>::new()) }?)
}
