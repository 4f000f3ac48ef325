//! The last look before drives are erased.

use super::{Screen, State};
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
    /// Those of the drive's stoppable uses that may be ended.
    pub agreed_uses: Vec<String>,
}

impl Confirm {
    pub fn is_allowed(&self) -> bool {
        self.sticks.iter().all(ToErase::is_allowed)
    }
}

impl ToErase {
    /// Nothing is typed and nothing agreed to yet. `caution`: why the drive is not for everyday use.
    pub(super) fn new(plan: Option<Plan>, drive: Drive, request: Request, caution: Option<String>) -> Self {
        let name_to_type = caution.is_some().then(|| drive.title());
        let (typed, agreed_uses) = (String::new(), Vec::new());
        Self { plan, drive, request, name_to_type, caution, typed, agreed_uses }
    }

    fn is_allowed(&self) -> bool {
        let is_named = self.name_to_type.as_ref().is_none_or(|name| self.typed.trim() == name);
        is_named && self.drive.uses_besides(&self.agreed_uses).is_empty()
    }

    /// The drive as it is now. What was agreed to was agreed to of the uses that stood there: where they have changed, it
    /// is asked anew. `true`: it is, and something had been agreed to.
    pub(super) fn renew(&mut self, now: &Drive) -> bool {
        let is_changed = self.drive.stoppable_uses != now.stoppable_uses;
        self.drive = now.clone();
        if is_changed { !std::mem::take(&mut self.agreed_uses).is_empty() } else { false }
    }

    pub(super) fn agreed_request(&self) -> Request {
        self.request.clone().ending(&self.agreed_uses)
    }
}

impl State {
    /// A use that does not stand on the screen cannot be agreed to.
    pub(super) fn agree_to_end(&mut self, stick: usize, named: String, agreed: bool) {
        let Screen::Confirm(confirm) = &mut self.screen else { return };
        let Some(stick) = confirm.sticks.get_mut(stick) else { return };
        stick.agreed_uses.retain(|other| *other != named);
        if agreed && stick.drive.stoppable_uses.contains(&named) {
            stick.agreed_uses.push(named);
        }
    }
}
