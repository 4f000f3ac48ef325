//! A polkit agent for people at a bare terminal: without one, nobody could ask them for the password.
//!
//! pkttyagent(1) registers itself for the process that started it, and with `--fallback` only counts where the session
//! has no agent of its own. systemctl does the same.

use std::io::{self, IsTerminal, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rustix::fs::{Access, access};
use rustix::process::{Pid, Signal, geteuid, kill_process};

/// Asks for passwords at the terminal while it lives.
pub struct PasswordAgent(Child);

impl PasswordAgent {
    /// Starts one for opening the drive at `path`. `None`: no password will be needed, there is no terminal to ask at, or
    /// no such program.
    pub fn for_opening(path: &Path) -> Option<Self> {
        let needless = geteuid().is_root() || access(path, Access::READ_OK | Access::WRITE_OK).is_ok();
        if needless || !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            return None;
        }
        let mut child = Command::new("pkttyagent")
            .args(["--fallback", "--notify-fd", "1"])
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        // It closes this end once it is registered, or by ending.
        let mut nothing = Vec::new();
        child.stdout.take().map(|mut registered| registered.read_to_end(&mut nothing));
        Some(Self(child))
    }
}

impl Drop for PasswordAgent {
    fn drop(&mut self) {
        // Not kill(): it may have the terminal's echo to turn on again.
        if let Some(pid) = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process(pid, Signal::TERM);
        }
        let _ = self.0.wait();
    }
}
