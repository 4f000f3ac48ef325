//! Bzip2: streams one after the other, as bzip2's own `-d` and parallel compressors have them.

use bzip2::{Decompress, Error, Status};

use super::framed::{Codec, Framed, Step};
use super::{Fault, Input};

const MAGIC: [u8; 3] = *b"BZh";

pub fn decoder() -> Framed<Bzip2> {
    Framed::new(Bzip2 { stream: Decompress::new(false), streams_begun: 0 })
}

pub struct Bzip2 {
    stream: Decompress,
    streams_begun: u64,
}

impl Codec for Bzip2 {
    fn begin(&mut self, input: &mut Input) -> Result<bool, Fault> {
        if self.streams_begun > 0 {
            let head = input.peek(MAGIC.len())?;
            if head.is_empty() {
                return Ok(false);
            }
            if !head.starts_with(&MAGIC) {
                return Err(Fault::trailing(input.remaining()));
            }
            self.stream = Decompress::new(false);
        }
        self.streams_begun += 1;
        Ok(true)
    }

    fn step(&mut self, input: &[u8], out: &mut [u8]) -> Result<Step, Fault> {
        let (total_in, total_out) = (self.stream.total_in(), self.stream.total_out());
        let status = self.stream.decompress(input, out).map_err(|error| match error {
            Error::Data => Fault::Damaged("its data or checksum is wrong".into()),
            other => Fault::Damaged(other.to_string()),
        })?;
        if status == Status::MemNeeded {
            return Err(Fault::Unsupported("there is not enough memory to decompress bzip2".into()));
        }
        Ok(Step {
            consumed: (self.stream.total_in() - total_in) as usize,
            produced: (self.stream.total_out() - total_out) as usize,
            frame_ended: status == Status::StreamEnd,
        })
    }
}
