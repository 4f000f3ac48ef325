//! Zstandard (RFC 8878): frames and skippable frames in any order.

use zstd::stream::raw::{Decoder, Operation};

use super::framed::{Codec, Framed, Step};
use super::zstd_frame::{self, FrameHeader};
use super::{Fault, Input, container};

/// The largest window that is granted, which `zstd --long=27` uses; `--long=31` would ask for 2 GiB.
const MAX_WINDOW_BYTES: u64 = 128 << 20;

pub fn decoder() -> Result<Framed<Zstd>, Fault> {
    Ok(Framed::new(Zstd { frame: Decoder::new().map_err(Fault::Read)? }))
}

pub struct Zstd {
    frame: Decoder<'static>,
}

impl Codec for Zstd {
    fn begin(&mut self, input: &mut Input) -> Result<bool, Fault> {
        while let Some(len) = container::skippable_frame_bytes(input.peek(8)?) {
            input.skip(len)?;
        }
        let head = input.peek(zstd_frame::MAX_HEADER_BYTES)?;
        if head.is_empty() {
            return Ok(false);
        }
        if !head.starts_with(&zstd_frame::MAGIC[..head.len().min(4)]) {
            return Err(Fault::trailing(input.remaining()));
        }
        let header = FrameHeader::parse(head).ok_or_else(Fault::cut_off)?;
        if header.window_bytes > MAX_WINDOW_BYTES {
            return Err(Fault::Unsupported(format!(
                "the zstd file needs {} MiB of memory to be decompressed, {} MiB are allowed; \
                 unpack it first with zstd -d --long=31",
                header.window_bytes >> 20,
                MAX_WINDOW_BYTES >> 20,
            )));
        }
        if header.dictionary_id != 0 {
            return Err(Fault::Unsupported(
                "the zstd file needs a dictionary to be decompressed; unpack it first with zstd -d -D".into(),
            ));
        }
        self.frame.reinit().map_err(Fault::Read)?;
        Ok(true)
    }

    fn step(&mut self, input: &[u8], out: &mut [u8]) -> Result<Step, Fault> {
        let status = self
            .frame
            .run_on_buffers(input, out)
            .map_err(|e| Fault::Damaged(format!("its data or checksum is wrong ({e})")))?;
        Ok(Step {
            consumed: status.bytes_read,
            produced: status.bytes_written,
            frame_ended: status.remaining == 0,
        })
    }
}
