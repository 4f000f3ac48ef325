//! The last look before drives are erased, or changed.

use super::{ChangeQuestion, Screen, State};
use crate::device::Drive;
use crate::job::Request;
use crate::plan::Plan;

/// All of them, or none.
#[derive(Clone, Debug)]
pub struct Confirm {
    pub sticks: Vec<ToWrite>,
}

/// One drive that will be erased, or changed.
#[derive(Clone, Debug)]
pub struct ToWrite {
    /// A test has none, and a change.
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
    /// An answer file is changed, and nothing is erased.
    pub change: Option<Box<ChangeQuestion>>,
}

impl Confirm {
    pub fn is_allowed(&self) -> bool {
        self.sticks.iter().all(ToWrite::is_allowed)
    }
}

impl ToWrite {
    /// Nothing is typed and nothing agreed to yet. `caution`: why the drive is not for everyday use.
    pub(super) fn new(plan: Option<Plan>, drive: Drive, request: Request, caution: Option<String>) -> Self {
        let name_to_type = caution.is_some().then(|| drive.title());
        let (typed, agreed_uses) = (String::new(), Vec::new());
        Self { plan, drive, request, name_to_type, caution, typed, agreed_uses, change: None }
    }

    fn is_allowed(&self) -> bool {
        let is_named = self.name_to_type.as_ref().is_none_or(|name| self.typed.trim() == name);
        let is_known = self.change.as_ref().is_none_or(|change| change.is_allowed());
        is_named && is_known && self.drive.uses_besides(&self.agreed_uses).is_empty()
    }

    /// The drive as it is now. What was agreed to was agreed to of the uses that stood there: where they have changed, it
    /// is asked anew. `true`: it is, and something had been agreed to.
    pub(super) fn renew(&mut self, now: &Drive) -> bool {
        let is_changed = self.drive.stoppable_uses != now.stoppable_uses;
        self.drive = now.clone();
        if is_changed { !std::mem::take(&mut self.agreed_uses).is_empty() } else { false }
    }

    /// `None`: it is not known yet what is to be done.
    pub(super) fn agreed_request(&self) -> Option<Request> {
        let request = match &self.change {
            None => self.request.clone(),
            Some(change) => change.request(self.drive.identity.clone())?,
        };
        Some(request.ending(&self.agreed_uses))
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
