//! Images that other tools made, and damaged ones.

use super::*;
