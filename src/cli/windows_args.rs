//! What can be typed about drivers for Windows media.

use std::path::PathBuf;

use clap::Args;

const WINDOWS_MEDIA: &str = "Windows media";

#[derive(Args, Clone, Debug)]
pub struct DriverArgs {
    /// Put a folder of unpacked drivers (INF files) into $WinPEDriver$, where Setup looks for them; may be given several
    /// times
    #[arg(long, help_heading = WINDOWS_MEDIA, value_name = "FOLDER", conflicts_with = "raw")]
    pub drivers: Vec<PathBuf>,

    /// Experimental: load these drivers before Setup starts as well, for Windows 7 on machines whose ports are all USB 3;
    /// they are appended to boot.wim
    #[arg(long, help_heading = WINDOWS_MEDIA, requires = "drivers", conflicts_with = "raw")]
    pub drivers_in_setup: bool,
}
