//! The last look before drives are erased.

use crate::device::Drive;
use crate::job::Request;
use crate::plan::Plan;

/// All of them, or none.
#[derive(Clone, Debug)]
pub struct Confirm {
    pub sticks: Vec<ToErase>,
}

/// One drive that will be erased.
#[derive(Clone, Debug)]
pub struct ToErase {
    /// A test has none.
    pub plan: Option<Plan>,
    /// As it is now, with its present partitions.
    pub drive: Drive,
    pub request: Request,
    /// A drive that is not for everyday use: its name has to be typed.
    pub name_to_type: Option<String>,
    /// Why it is not for everyday use.
    pub caution: Option<String>,
    pub typed: String,
}

impl Confirm {
    pub fn is_allowed(&self) -> bool {
        self.sticks.iter().all(ToErase::is_allowed)
    }
}

impl ToErase {
    fn is_allowed(&self) -> bool {
        self.name_to_type.as_ref().is_none_or(|name| self.typed.trim() == name)
    }
}
