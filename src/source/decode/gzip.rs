//! Gzip (RFC 1952): members one after the other, then perhaps zero bytes as padding, as gzip itself accepts it.
//! Also raw deflate (RFC 1951), for zip.

use flate2::{Decompress, DecompressError, FlushDecompress, Status};

use super::framed::{Codec, Framed, Step};
use super::{Fault, Input};

const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// The window that every deflate stream fits in: 32 KiB.
const WINDOW_BITS: u8 = 15;

pub fn decoder() -> Framed<Gzip> {
    Framed::new(Gzip { member: Decompress::new_gzip(WINDOW_BITS), members_begun: 0 })
}

pub struct Gzip {
    member: Decompress,
    members_begun: u64,
}

impl Codec for Gzip {
    fn begin(&mut self, input: &mut Input) -> Result<bool, Fault> {
        if self.members_begun > 0 {
            if !input.peek(MAGIC.len())?.starts_with(&MAGIC) {
                return only_zeroes_left(input).map(|()| false);
            }
            self.member.reset(true);
        }
        self.members_begun += 1;
        Ok(true)
    }

    fn step(&mut self, input: &[u8], out: &mut [u8]) -> Result<Step, Fault> {
        inflate(&mut self.member, input, out)
    }
}

fn only_zeroes_left(input: &mut Input) -> Result<(), Fault> {
    let left = input.remaining();
    loop {
        let bytes = input.fill()?;
        if bytes.is_empty() {
            return Ok(());
        }
        if bytes.iter().any(|b| *b != 0) {
            return Err(Fault::trailing(left));
        }
        let len = bytes.len();
        input.consume(len);
    }
}

pub fn deflate_decoder() -> Framed<Deflate> {
    Framed::new(Deflate { stream: Decompress::new(false), begun: false })
}

/// One deflate stream without any wrapping; what follows it is for the caller to judge.
pub struct Deflate {
    stream: Decompress,
    begun: bool,
}

impl Codec for Deflate {
    fn begin(&mut self, _: &mut Input) -> Result<bool, Fault> {
        Ok(!std::mem::replace(&mut self.begun, true))
    }

    fn step(&mut self, input: &[u8], out: &mut [u8]) -> Result<Step, Fault> {
        inflate(&mut self.stream, input, out)
    }
}

fn inflate(stream: &mut Decompress, input: &[u8], out: &mut [u8]) -> Result<Step, Fault> {
    let (total_in, total_out) = (stream.total_in(), stream.total_out());
    let status = stream.decompress(input, out, FlushDecompress::None).map_err(|e| damaged(&e))?;
    Ok(Step {
        consumed: (stream.total_in() - total_in) as usize,
        produced: (stream.total_out() - total_out) as usize,
        frame_ended: status == Status::StreamEnd,
    })
}

fn damaged(error: &DecompressError) -> Fault {
    Fault::Damaged(match error.message() {
        Some(message) => format!("its data or checksum is wrong ({message})"),
        None => "its data or checksum is wrong".into(),
    })
}
