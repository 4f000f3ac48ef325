//! From the system's error codes to the few classes that people act on. The one place that knows the codes.

use std::io;
use std::path::Path;

use rustix::io::Errno;

use super::super::{DeviceError, ErrorClass, Operation};

pub(super) fn class_of(error: &io::Error, operation: Operation) -> ErrorClass {
    let Some(code) = error.raw_os_error() else {
        return match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::WriteZero => ErrorClass::Full,
            _ => ErrorClass::Other,
        };
    };
    let moving = matches!(operation, Operation::Read | Operation::Write | Operation::Sync);
    match Errno::from_raw_os_error(code) {
        Errno::BUSY | Errno::TXTBSY | Errno::AGAIN => ErrorClass::Busy,
        Errno::ROFS => ErrorClass::WriteProtected,
        // The right to write was there when the device was opened; now the device itself refuses.
        Errno::PERM if moving => ErrorClass::WriteProtected,
        Errno::PERM | Errno::ACCESS => ErrorClass::Denied,
        Errno::NODEV | Errno::NXIO | Errno::NOENT | Errno::NOMEDIUM | Errno::SHUTDOWN => ErrorClass::Gone,
        Errno::IO | Errno::NODATA | Errno::REMOTEIO | Errno::ILSEQ | Errno::TIMEDOUT => ErrorClass::Media,
        Errno::NOSPC | Errno::FBIG | Errno::DQUOT => ErrorClass::Full,
        _ => ErrorClass::Other,
    }
}

/// A failure to open, unmount or flush as a whole.
pub(in crate::device) fn access(operation: Operation, path: &Path, source: io::Error) -> DeviceError {
    let class = class_of(&source, operation);
    DeviceError::Access { operation, path: path.display().to_string(), class, source }
}

/// The user has no right to; `way` says what can be done.
pub(super) fn denied(operation: Operation, path: &Path, way: &str) -> DeviceError {
    let source = io::Error::new(io::ErrorKind::PermissionDenied, way);
    DeviceError::Access { operation, path: path.display().to_string(), class: ErrorClass::Denied, source }
}

pub(super) fn write_protected(path: &Path) -> DeviceError {
    let way = "look for a lock switch on the stick or the card";
    let source = io::Error::new(io::ErrorKind::ReadOnlyFilesystem, way);
    let path = path.display().to_string();
    DeviceError::Access { operation: Operation::Open, path, class: ErrorClass::WriteProtected, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_fold_into_classes() {
        for (code, operation, class) in [
            (Errno::BUSY, Operation::Open, ErrorClass::Busy),
            (Errno::ACCESS, Operation::Open, ErrorClass::Denied),
            (Errno::PERM, Operation::Unmount, ErrorClass::Denied),
            (Errno::PERM, Operation::Write, ErrorClass::WriteProtected),
            (Errno::ROFS, Operation::Open, ErrorClass::WriteProtected),
            (Errno::NODEV, Operation::Write, ErrorClass::Gone),
            (Errno::NXIO, Operation::Read, ErrorClass::Gone),
            (Errno::NOMEDIUM, Operation::Open, ErrorClass::Gone),
            (Errno::IO, Operation::Sync, ErrorClass::Media),
            (Errno::NODATA, Operation::Read, ErrorClass::Media),
            (Errno::REMOTEIO, Operation::Write, ErrorClass::Media),
            (Errno::NOSPC, Operation::Write, ErrorClass::Full),
            (Errno::INVAL, Operation::Write, ErrorClass::Other),
        ] {
            assert_eq!(class_of(&code.into(), operation), class, "{code:?} while {operation}");
        }
    }
}
