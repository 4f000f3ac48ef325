//! Floor 0: values that every other floor speaks in. No input or output happens here.

mod age;
mod cancel;
pub mod digest;
mod size;

pub use age::Age;
pub use cancel::{Cancel, Cancelled};
pub use digest::{Algorithm, Digest};
pub use size::{ByteSize, GIB, KIB, MIB};
