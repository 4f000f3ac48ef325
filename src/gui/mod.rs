//! Floor 7: the window. A reducer and views; no input or output in a view.
//!
//! ```text
//! action  what the user wants, what the world tells, what the program shall do
//! state   the reducer: State::on_action, State::on_event -> commands     pure
//! view    &State -> widgets, actions                                     draws
//! app     channels in, commands out; the only input and output here
//! theme   every colour and size        text   every word
//! ```

pub mod action;
mod answer_file;
mod app;
#[cfg_attr(target_os = "linux", path = "color_scheme/portal.rs")]
#[cfg_attr(not(target_os = "linux"), path = "color_scheme/elsewhere.rs")]
mod color_scheme;
mod icon;
pub mod state;
pub mod text;
pub mod theme;
pub mod view;

use std::path::PathBuf;

/// What the window shows when it opens.
#[derive(Clone, Debug, Default)]
pub struct Start {
    /// An image that is chosen already.
    pub image: Option<PathBuf>,
    /// Files that are listed as drives.
    pub practice: Vec<PathBuf>,
    /// The practice stick that is chosen already: only `demo` does this, and only for a stick that it just made.
    pub chosen_practice: Option<PathBuf>,
}

/// Opens the window; returns when it is closed.
pub fn run(start: Start) -> anyhow::Result<()> {
    app::run(start)
}
