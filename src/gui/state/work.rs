//! What a job does, as far as its words and its course differ.

use super::StickAtWork;
use crate::gui::action::Page;
use crate::job::{Phase, Request, TestExtent};

/// The kinds of work that the window starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    Write,
    Check,
    Save,
    Test(TestExtent),
    Restore,
    Wipe {
        everywhere: bool,
    },
    /// Another answer file, or none from then on.
    Answer {
        puts: bool,
    },
}

impl Work {
    /// `None`: only the terminal does this.
    pub fn of(request: &Request) -> Option<Self> {
        Some(match request {
            Request::Write(_) => Self::Write,
            Request::Check(_) => Self::Check,
            Request::Save(_) => Self::Save,
            Request::Test(test) => Self::Test(test.extent),
            Request::Restore(_) => Self::Restore,
            Request::Wipe(wipe) => Self::Wipe { everywhere: wipe.everywhere },
            Request::AnswerChange(change) => Self::Answer { puts: change.answer.is_some() },
            Request::Hash(_) => return None,
        })
    }

    /// The page that begins it.
    pub fn page(self) -> Page {
        match self {
            Self::Write => Page::Make,
            Self::Check => Page::Check,
            Self::Save => Page::Save,
            Self::Test(_) => Page::Test,
            Self::Restore | Self::Wipe { .. } => Page::Restore,
            Self::Answer { .. } => Page::Answer,
        }
    }

    /// The phases that are to be expected, in order, where nothing goes before.
    pub fn phases(self) -> Vec<Phase> {
        match self {
            Self::Check => vec![Phase::Comparing],
            Self::Save => vec![Phase::Saving],
            Self::Test(TestExtent::Quick) => vec![Phase::Testing],
            Self::Answer { puts: true } => {
                vec![Phase::Hashing, Phase::Writing, Phase::Syncing, Phase::Verifying]
            }
            Self::Answer { puts: false }
            | Self::Write
            | Self::Test(TestExtent::Full)
            | Self::Restore
            | Self::Wipe { .. } => {
                vec![Phase::Writing, Phase::Syncing, Phase::Verifying]
            }
        }
    }
}

impl StickAtWork {
    /// The phase of the task that goes on. Clearing old tables is the beginning of what comes next, and too short for a
    /// place of its own.
    pub fn expected_phase(&self) -> Option<Phase> {
        let is_ahead = |phase: &&Phase| **phase != Phase::Checking && !self.finished.contains(phase);
        match self.phase {
            Some(Phase::Wiping) => self.task.phases.iter().find(is_ahead).copied(),
            phase => phase,
        }
    }
}
