//! Machines laid out in a folder, and real loop devices.

mod fake;
mod loops;
mod machines;
