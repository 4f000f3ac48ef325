//! Xz: streams one after the other, with padding between and behind them in multiples of four zero bytes (the .xz file
//! format 1.2, section 2). Blocks are decoded in parallel where the file has several and their sizes allow it.

use liblzma::stream::{Action, Error, MtStreamBuilder, Status, Stream};

use super::framed::{Codec, Framed, Step};
use super::{Fault, Input};

pub const MAGIC: [u8; 6] = [0xfd, b'7', b'z', b'X', b'Z', 0];

/// The decoder may take as much as this to work at all: enough for a dictionary of 192 MiB, three times that of
/// `xz -9`.
const MEMORY_LIMIT_BYTES: u64 = 208 << 20;

/// As long as it stays below this, the decoder may put another thread to work.
const THREADING_LIMIT_BYTES: u64 = 176 << 20;

/// `threads`: how many may work on one stream.
pub fn decoder(threads: u32) -> Result<Framed<Xz>, Fault> {
    Ok(Framed::new(Xz { stream: stream_decoder(threads)?, threads, streams_begun: 0 }))
}

pub struct Xz {
    stream: Stream,
    threads: u32,
    streams_begun: u64,
}

fn stream_decoder(threads: u32) -> Result<Stream, Fault> {
    if threads > 1 {
        MtStreamBuilder::new()
            .threads(threads)
            .memlimit_threading(THREADING_LIMIT_BYTES)
            .memlimit_stop(MEMORY_LIMIT_BYTES)
            .decoder()
    } else {
        Stream::new_stream_decoder(MEMORY_LIMIT_BYTES, 0)
    }
    .map_err(fault)
}

impl Codec for Xz {
    fn begin(&mut self, input: &mut Input) -> Result<bool, Fault> {
        if self.streams_begun > 0 {
            let behind = input.remaining();
            let mut head = input.peek(4)?;
            while head.starts_with(&[0; 4]) {
                input.consume(4);
                head = input.peek(4)?;
            }
            if head.is_empty() {
                return Ok(false);
            }
            if !input.peek(MAGIC.len())?.starts_with(&MAGIC) {
                return Err(Fault::trailing(behind));
            }
            self.stream = stream_decoder(self.threads)?;
        }
        // Section 2.1.1.2. Data whose check is of an unknown kind would be decoded unchecked.
        if let Some(check) = input.peek(8)?.get(7)
            && !matches!(check & 0x0f, 0 | 1 | 4 | 10)
        {
            return Err(fault(Error::UnsupportedCheck));
        }
        self.streams_begun += 1;
        Ok(true)
    }

    fn step(&mut self, input: &[u8], out: &mut [u8]) -> Result<Step, Fault> {
        let action = if input.is_empty() { Action::Finish } else { Action::Run };
        let (total_in, total_out) = (self.stream.total_in(), self.stream.total_out());
        loop {
            // A call may come to nothing once; the next one then says so.
            let status = self.stream.process(input, out, action).map_err(fault)?;
            let step = Step {
                consumed: (self.stream.total_in() - total_in) as usize,
                produced: (self.stream.total_out() - total_out) as usize,
                frame_ended: status == Status::StreamEnd,
            };
            if step.frame_ended || step.consumed > 0 || step.produced > 0 || status == Status::MemNeeded {
                return Ok(step);
            }
        }
    }
}

fn fault(error: Error) -> Fault {
    match error {
        Error::Options | Error::UnsupportedCheck => Fault::Unsupported(
            "the xz file is made with options that are not known here; unpack it first with xz -d".into(),
        ),
        Error::MemLimit | Error::Mem => Fault::Unsupported(format!(
            "the xz file needs more than {} MiB of memory to be decompressed; unpack it first with xz -d",
            MEMORY_LIMIT_BYTES >> 20
        )),
        Error::Format => Fault::Damaged("a stream does not begin as it should".into()),
        Error::Data | Error::NoCheck | Error::Program => {
            Fault::Damaged("its data or checksum is wrong".into())
        }
    }
}
