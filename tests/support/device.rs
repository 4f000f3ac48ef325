//! A drive in memory that checks how it is used, and fails as it is told.

use std::io;
use std::sync::{Arc, Condvar, Mutex};

use sticksmith::device::{
    AlignedBuf, BlockDevice, Bus, DeviceError, Drive, ErrorClass, Geometry, Identity, Operation, SECTOR_ALIGN,
};

/// What every drive is full of before a test: a stick is never blank.
pub const JUNK: u8 = 0xD1;

/// A USB stick, as the system would describe it.
pub fn drive(size_bytes: usize, sector_bytes: u32) -> Drive {
    Drive {
        identity: Identity {
            path: "/dev/test".into(),
            vendor: None,
            model: None,
            serial: None,
            wwn: None,
            size_bytes: size_bytes as u64,
            sector_bytes,
            port: None,
            device_number: (0, 0),
            sequence: None,
        },
        bus: Bus::Usb,
        physical_sector_bytes: sector_bytes,
        removable: true,
        hotplug: true,
        read_only: false,
        partitions: Vec::new(),
        system_uses: Vec::new(),
        stoppable_uses: Vec::new(),
        appeared_unix_secs: None,
    }
}

/// A fault, by byte ranges of the drive.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    FailWrite {
        at: u64,
    },
    FailRead {
        at: u64,
    },
    /// The nth sync (from 0) fails.
    FailSync {
        nth: usize,
    },
    /// Writes to this byte say that they worked, and do nothing.
    DropWrite {
        at: u64,
    },
    /// This byte is stored wrong.
    Corrupt {
        at: u64,
    },
    /// This byte reads wrong the first time.
    FlakyRead {
        at: u64,
    },
    /// Everything fails once so many bytes have been written.
    GoneAfter {
        bytes: u64,
    },
    /// Bytes past this many are those at the drive's start once more.
    WrapAt {
        bytes: u64,
    },
    /// Writes past this many bytes say that they worked, and do nothing.
    DropFrom {
        bytes: u64,
    },
    /// Every nth block of so many bytes keeps what it held.
    DropEvery {
        nth: u64,
        block_bytes: u64,
    },
    /// It is pulled out when this byte is written, or read, or at the nth sync (from 0): nothing works from then on.
    UnplugAtWrite {
        at: u64,
    },
    UnplugAtRead {
        at: u64,
    },
    UnplugAtSync {
        nth: usize,
    },
    /// It takes no writes any more once so many bytes have been written.
    ReadOnlyAfter {
        bytes: u64,
    },
    /// This byte reads otherwise each time.
    RandomRead {
        at: u64,
    },
    /// Writes to this byte wait until the device is released.
    HangWrite {
        at: u64,
    },
    HangRead {
        at: u64,
    },
}

/// What was done to the device, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    Write { offset: u64, len: usize, zeroes: bool },
    Read { offset: u64, len: usize },
    Sync,
    DropCaches,
}

pub struct TestDevice {
    sector_bytes: u32,
    faults: Vec<Fault>,
    state: Mutex<State>,
    /// Something hangs, or is released.
    changed: Condvar,
}

struct State {
    bytes: Vec<u8>,
    calls: Vec<Call>,
    written: u64,
    syncs: usize,
    flaky_done: bool,
    gone: bool,
    released: bool,
    hanging: bool,
}

impl TestDevice {
    pub fn new(size_bytes: usize, sector_bytes: u32, faults: &[Fault]) -> Self {
        Self {
            sector_bytes,
            faults: faults.to_vec(),
            state: Mutex::new(State {
                bytes: vec![JUNK; size_bytes],
                calls: Vec::new(),
                written: 0,
                syncs: 0,
                flaky_done: false,
                gone: false,
                released: false,
                hanging: false,
            }),
            changed: Condvar::new(),
        }
    }

    /// A device that holds this already.
    pub fn holding(bytes: Vec<u8>, sector_bytes: u32, faults: &[Fault]) -> Self {
        let device = Self::new(0, sector_bytes, faults);
        device.state.lock().unwrap().bytes = bytes;
        device
    }

    /// A device with the same content, whose reads of this byte wait until it is released.
    pub fn that_hangs_reading(&self, at: u64) -> Arc<Self> {
        let other = Self::new(0, self.sector_bytes, &[Fault::HangRead { at }]);
        other.state.lock().unwrap().bytes = self.bytes();
        Arc::new(other)
    }

    pub fn wait_until_hanging(&self) {
        let mut state = self.state.lock().unwrap();
        while !state.hanging {
            state = self.changed.wait(state).unwrap();
        }
    }

    /// Lets everything go on that hangs, and nothing hang any more.
    pub fn release(&self) {
        self.state.lock().unwrap().released = true;
        self.changed.notify_all();
    }

    fn hang(&self) {
        let mut state = self.state.lock().unwrap();
        state.hanging = true;
        self.changed.notify_all();
        while !state.released {
            state = self.changed.wait(state).unwrap();
        }
    }

    pub fn bytes(&self) -> Vec<u8> {
        self.state.lock().unwrap().bytes.clone()
    }

    pub fn calls(&self) -> Vec<Call> {
        self.state.lock().unwrap().calls.clone()
    }

    fn has(&self, is_it: impl Fn(&Fault) -> bool) -> bool {
        self.faults.iter().any(is_it)
    }

    fn check(&self, offset: u64, buf: &AlignedBuf) {
        let sector = u64::from(self.sector_bytes);
        assert_eq!(buf.as_ptr() as usize % SECTOR_ALIGN, 0, "the buffer is not aligned");
        assert_eq!(offset % sector, 0, "offset {offset} is not on a sector boundary");
        assert_eq!(buf.len() as u64 % sector, 0, "length {} is no whole number of sectors", buf.len());
        assert!(!buf.is_empty(), "an empty transfer");
    }

    fn error(operation: Operation, offset: u64, buf: &[u8], class: ErrorClass) -> DeviceError {
        let source = io::Error::other("injected");
        DeviceError::Io { operation, offset, len: buf.len() as u64, class, source }
    }
}

/// Where the bytes from `offset` on really are, piece by piece: (place in the transfer, place on the medium, length). A
/// place of `None`: nowhere.
fn pieces(faults: &[Fault], offset: u64, len: usize, sector: usize) -> Vec<(usize, Option<u64>, usize)> {
    let is_fake =
        |f: &Fault| matches!(f, Fault::WrapAt { .. } | Fault::DropFrom { .. } | Fault::DropEvery { .. });
    if !faults.iter().any(is_fake) {
        return vec![(0, Some(offset), len)];
    }
    let real = |at: u64| {
        faults.iter().try_fold(at, |at, fault| match (*fault, at) {
            (Fault::WrapAt { bytes }, at) => Some(at % bytes),
            (Fault::DropFrom { bytes }, at) if at >= bytes => None,
            (Fault::DropEvery { nth, block_bytes }, at) if at / block_bytes % nth == nth - 1 => None,
            (_, at) => Some(at),
        })
    };
    (0..len).step_by(sector).map(|from| (from, real(offset + from as u64), sector)).collect()
}

fn holds(offset: u64, buf: &[u8], at: u64) -> bool {
    (offset..offset + buf.len() as u64).contains(&at)
}

impl BlockDevice for TestDevice {
    fn geometry(&self) -> Geometry {
        let size_bytes = self.state.lock().unwrap().bytes.len() as u64;
        Geometry { size_bytes, sector_bytes: self.sector_bytes, direct: true }
    }

    fn read_at(&self, offset: u64, buf: &mut AlignedBuf) -> Result<(), DeviceError> {
        self.check(offset, buf);
        if self.has(|f| matches!(f, Fault::HangRead { at } if holds(offset, buf, *at))) {
            self.hang();
        }
        let mut state = self.state.lock().unwrap();
        state.calls.push(Call::Read { offset, len: buf.len() });
        for (from, at, len) in pieces(&self.faults, offset, buf.len(), self.sector_bytes as usize) {
            match at {
                Some(at) => {
                    buf[from..from + len].copy_from_slice(&state.bytes[at as usize..at as usize + len])
                }
                None => buf[from..from + len].fill(JUNK),
            }
        }
        state.gone |= self.has(|f| matches!(f, Fault::UnplugAtRead { at } if holds(offset, buf, *at)));
        if state.gone {
            return Err(Self::error(Operation::Read, offset, buf, ErrorClass::Gone));
        }
        for fault in &self.faults {
            match *fault {
                Fault::RandomRead { at } if holds(offset, buf, at) => {
                    buf[(at - offset) as usize] ^= 1 + (state.calls.len() % 255) as u8;
                }
                Fault::FailRead { at } if holds(offset, buf, at) => {
                    return Err(Self::error(Operation::Read, offset, buf, ErrorClass::Media));
                }
                Fault::FlakyRead { at } if holds(offset, buf, at) && !state.flaky_done => {
                    state.flaky_done = true;
                    buf[(at - offset) as usize] ^= 0xFF;
                }
                Fault::GoneAfter { bytes } if state.written >= bytes => {
                    return Err(Self::error(Operation::Read, offset, buf, ErrorClass::Gone));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn write_at(&self, offset: u64, buf: &AlignedBuf) -> Result<(), DeviceError> {
        self.check(offset, buf);
        if self.has(|f| matches!(f, Fault::HangWrite { at } if holds(offset, buf, *at))) {
            self.hang();
        }
        let mut state = self.state.lock().unwrap();
        state.gone |= self.has(|f| matches!(f, Fault::UnplugAtWrite { at } if holds(offset, buf, *at)));
        if state.gone {
            return Err(Self::error(Operation::Write, offset, buf, ErrorClass::Gone));
        }
        let zeroes = buf.iter().all(|b| *b == 0);
        state.calls.push(Call::Write { offset, len: buf.len(), zeroes });
        for fault in &self.faults {
            match *fault {
                Fault::FailWrite { at } if holds(offset, buf, at) => {
                    return Err(Self::error(Operation::Write, offset, buf, ErrorClass::Media));
                }
                Fault::GoneAfter { bytes } if state.written + buf.len() as u64 > bytes => {
                    state.written = bytes;
                    return Err(Self::error(Operation::Write, offset, buf, ErrorClass::Gone));
                }
                Fault::ReadOnlyAfter { bytes } if state.written >= bytes => {
                    return Err(Self::error(Operation::Write, offset, buf, ErrorClass::WriteProtected));
                }
                Fault::DropWrite { at } if holds(offset, buf, at) => return Ok(()),
                _ => {}
            }
        }
        state.written += buf.len() as u64;
        for (from, at, len) in pieces(&self.faults, offset, buf.len(), self.sector_bytes as usize) {
            if let Some(at) = at {
                state.bytes[at as usize..at as usize + len].copy_from_slice(&buf[from..from + len]);
            }
        }
        for fault in &self.faults {
            if let Fault::Corrupt { at } = *fault
                && holds(offset, buf, at)
            {
                state.bytes[at as usize] ^= 0x01;
            }
        }
        Ok(())
    }

    fn sync(&self) -> Result<(), DeviceError> {
        let mut state = self.state.lock().unwrap();
        let nth = state.syncs;
        state.syncs += 1;
        state.calls.push(Call::Sync);
        state.gone |= self.has(|f| matches!(f, Fault::UnplugAtSync { nth: n } if *n == nth));
        if state.gone {
            return Err(Self::error(Operation::Sync, 0, &[], ErrorClass::Gone));
        }
        if self.faults.iter().any(|f| matches!(f, Fault::FailSync { nth: n } if *n == nth)) {
            return Err(Self::error(Operation::Sync, 0, &[], ErrorClass::Media));
        }
        Ok(())
    }

    fn drop_caches(&self) -> Result<bool, DeviceError> {
        self.state.lock().unwrap().calls.push(Call::DropCaches);
        Ok(true)
    }
}
