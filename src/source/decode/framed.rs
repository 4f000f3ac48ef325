//! The loop that gzip, bzip2 and zstd files share: frames behind one another, each begun, stepped through and ended.

use super::{Decoder, Fault, Input};

/// What is particular to one format.
pub trait Codec: Send {
    /// Prepares for the frame that begins at the front of `input`; `false` if the file rightly ends here. Called at the
    /// start of the file and after each frame.
    fn begin(&mut self, input: &mut Input) -> Result<bool, Fault>;

    /// Decodes within a frame. `input` is empty only where the file has ended.
    fn step(&mut self, input: &[u8], out: &mut [u8]) -> Result<Step, Fault>;
}

pub struct Step {
    pub consumed: usize,
    pub produced: usize,
    /// The frame has ended, its checksum was right, and all its bytes were handed out.
    pub frame_ended: bool,
}

pub struct Framed<C> {
    codec: C,
    place: Place,
}

enum Place {
    BetweenFrames,
    InFrame,
    Ended,
}

impl<C: Codec> Framed<C> {
    pub fn new(codec: C) -> Self {
        Self { codec, place: Place::BetweenFrames }
    }
}

impl<C: Codec> Decoder for Framed<C> {
    fn decode(&mut self, input: &mut Input, out: &mut [u8]) -> Result<usize, Fault> {
        loop {
            match self.place {
                Place::Ended => return Ok(0),
                Place::BetweenFrames if self.codec.begin(input)? => self.place = Place::InFrame,
                Place::BetweenFrames => self.place = Place::Ended,
                Place::InFrame => {
                    let bytes = input.fill()?;
                    let at_end = bytes.is_empty();
                    let step = self.codec.step(bytes, out)?;
                    input.consume(step.consumed);
                    if step.frame_ended {
                        self.place = Place::BetweenFrames;
                    } else if step.produced == 0 && at_end {
                        return Err(Fault::cut_off());
                    } else if step.produced == 0 && step.consumed == 0 {
                        return Err(Fault::Damaged("its data leads nowhere".into()));
                    }
                    if step.produced > 0 {
                        return Ok(step.produced);
                    }
                }
            }
        }
    }
}
