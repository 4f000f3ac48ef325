//! Experimental: drivers that are loaded before Setup starts, so that Windows 7 finds its stick behind a USB 3 controller.
//!
//! They are appended to the image that Setup starts in, with a `winpeshl.ini` that has `drvload` load them first. No boot of
//! genuine Windows with it has been seen yet.
//!
//! What starts in Windows PE is winpeshl.exe (`HKLM\SYSTEM\Setup`, `CmdLine`). It sets Plug and Play up, then runs what
//! `[LaunchApps]` of `\Windows\System32\winpeshl.ini` lists, one after the other, with a comma before the options and at
//! most 250 characters a line; only where there is no such file it runs `X:\setup.exe` by itself. So naming Setup last is
//! all that it takes. wpeinit, which such a file usually names first, is left out: Setup does without it, and it would
//! start the network, and run the commands of an answer file that Setup runs again. (Microsoft: "Winpeshl.ini Reference",
//! "WinPE: Create Apps", "Wpeinit and Startnet.cmd".)

use crate::format::inf::Platform;
use crate::format::wim::{HEADER_BYTES, NewContent, NewFile, PatchPiece, Patchable, patch};
use crate::plan::manifest::Patched;
use crate::plan::{Fill, PlannedStick, Refusal};
use crate::source::windows::{BootWim, MediaFile, WindowsFacts, WindowsMedia};
use crate::source::{AdditionKind, DriverFolder, MAX_IN_SETUP_BYTES};

use super::contents::{Content, Contents};
use super::split::FAT32_FILE_BYTES;
use super::{WindowsOptions, drivers};

/// In the image; `X:` is its root once it runs.
const FOLDER: &str = "Sticksmith";

/// Appends the drivers to each `boot.wim` that some of them fit.
pub(super) fn put(
    contents: &mut Contents,
    media: &WindowsMedia,
    windows: &WindowsFacts,
    options: &WindowsOptions,
) -> Result<Vec<Patched>, Refusal> {
    let refused = |path: &str, reason: String| Refusal::DriversInSetup { path: path.to_owned(), reason };
    let systems = drivers::systems(windows);
    let mut patched = Vec::new();
    for (path, boot) in &media.boot_wims {
        let facts = windows.boot_images.iter().find(|image| image.path == *path);
        let own = facts.and_then(|image| Some(drivers::platform(image.architecture?)));
        let Some(system) = systems.iter().find(|(platform, _)| own.is_none_or(|own| own == *platform)) else {
            continue;
        };
        let boot = boot.as_ref().map_err(|reason| refused(path, reason.clone()))?;
        let file = media.files.iter().find(|file| file.path == *path);
        let file = file.ok_or_else(|| refused(path, "it is missing".to_owned()))?;
        let Some(new) = additions(boot, options, *system).map_err(|reason| refused(path, reason))? else {
            continue;
        };
        let source = Patchable {
            header: &boot.tables.header,
            resources: &boot.tables.resources,
            xml: &boot.tables.xml,
            metadata: &boot.metadata,
            file_bytes: file.len_bytes,
        };
        let pieces =
            patch(&source, &new, FAT32_FILE_BYTES).map_err(|error| refused(path, error.to_string()))?;
        let content = contents
            .of_image(path)
            .ok_or_else(|| refused(path, "a file of yours takes its place".to_owned()))?;
        *content = laid_out(pieces, file);
        let appended_bytes = content.len_bytes().saturating_sub(file.len_bytes);
        patched.push(Patched { path: path.clone(), appended_bytes });
    }
    if patched.is_empty() {
        return Err(refused("sources/boot.wim", "there is none that the drivers fit".to_owned()));
    }
    Ok(patched)
}

/// The same files as on a stick that was made so, as far as the image alone tells of them.
pub(super) fn as_made(contents: &mut Contents, media: &WindowsMedia, patched: &[Patched]) -> Vec<Patched> {
    for Patched { path, appended_bytes } in patched {
        let file = media.files.iter().find(|file| file.path == *path);
        if let (Some(content), Some(file)) = (contents.of_image(path), file) {
            let head = file.len_bytes.min(HEADER_BYTES as u64);
            *content = Content::default();
            content.push(head, Fill::Unknown);
            content.push_range(&file.extents, head, file.len_bytes - head);
            content.push(*appended_bytes, Fill::Unknown);
        }
    }
    patched.to_vec()
}

pub(super) fn notes(stick: &PlannedStick) -> Vec<String> {
    let note = |patched: &Patched| {
        format!(
            "Experimental: {} has the drivers appended, so that they are loaded before Setup starts. This is for Windows 7 on \
             machines whose ports are all USB 3.",
            patched.path
        )
    };
    stick.patched.iter().map(note).collect()
}

pub(super) fn advice(stick: &PlannedStick, windows: &WindowsFacts) -> Vec<String> {
    if stick.patched.is_empty() {
        return Vec::new();
    }
    let mut advice = vec![
        "Loading drivers before Setup is experimental: it was never tried with genuine Windows here. What is loaded so does \
         not reach the installed Windows; for that the drivers are in $WinPEDriver$ as well. What was loaded is told in \
         X:\\Sticksmith\\load-drivers.log (Shift+F10 in Setup)."
            .to_owned(),
    ];
    if matches!(windows.version, Some([6, 1, _])) {
        advice.push(
            "For NVMe disks Windows 7 needs Microsoft’s updates KB2990941 and KB3087873 (MSU packages) in its images, which \
             cannot be added this way."
                .to_owned(),
        );
    }
    advice
}

/// What is put into the image, by the files' numbers among the stick's additions. `None`: no driver fits it. An error is a
/// clause.
fn additions(
    boot: &BootWim,
    options: &WindowsOptions,
    system: (Platform, [u32; 3]),
) -> Result<Option<Vec<NewFile>>, String> {
    let mut new = Vec::new();
    let mut commands = Vec::new();
    let mut first = options.additions.len();
    for (number, folder) in (1..).zip(&options.drivers) {
        // Folders have numbers in the image, so that no script has to spell their names.
        add_folder(folder, first, &format!("{FOLDER}/drivers/{number}"), system, &mut new, &mut commands)?;
        first += folder.additions.len();
    }
    if commands.is_empty() {
        return Ok(None);
    }
    if boot.has_winpeshl_ini {
        return Err(
            "it has a winpeshl.ini of its own already, and so starts something else than Setup".to_owned()
        );
    }
    let setup = boot.setup.ok_or("there is no Setup in the image that starts")?;
    if !boot.has_drvload {
        return Err("the image that starts has no drvload.exe, which loads drivers".to_owned());
    }
    if new.iter().map(|file: &NewFile| file.content.len_bytes()).sum::<u64>() > MAX_IN_SETUP_BYTES {
        return Err("the drivers are too large to be held in memory with Setup".to_owned());
    }
    let now = new.iter().filter_map(|file| file.modified_unix_secs).max();
    let mut text = |path: String, text: String| {
        let content = NewContent::Bytes(text.into_bytes());
        new.push(NewFile { path, content, modified_unix_secs: now });
    };
    text(format!("{FOLDER}/load-drivers.cmd"), script(&commands));
    let setup = setup.replace('/', "\\");
    text(
        "Windows/System32/winpeshl.ini".to_owned(),
        format!(
            "[LaunchApps]\r\n%SYSTEMROOT%\\System32\\cmd.exe, /c X:\\{FOLDER}\\load-drivers.cmd\r\n%SYSTEMDRIVE%\\{setup}\r\n"
        ),
    );
    Ok(Some(new))
}

/// The files of each driver that fits: all that lies where its INF file does, and below.
fn add_folder(
    folder: &DriverFolder,
    first: usize,
    base: &str,
    (platform, version): (Platform, [u32; 3]),
    new: &mut Vec<NewFile>,
    commands: &mut Vec<String>,
) -> Result<(), String> {
    let fits =
        |item: &&crate::source::DriverInf| item.inf.as_ref().is_ok_and(|inf| inf.serves(platform, version));
    let fitting: Vec<&str> = folder.infs.iter().filter(fits).map(|item| item.path.as_str()).collect();
    let homes: Vec<String> = fitting
        .iter()
        .map(|path| path.rsplit_once('/').map_or(String::new(), |(at, _)| format!("{at}/")))
        .collect();
    let root = folder.additions.first().map_or("", |first| &first.dest);
    for (index, addition) in folder.additions.iter().enumerate() {
        let AdditionKind::File { len_bytes } = addition.kind else { continue };
        let below = addition.dest.strip_prefix(root).unwrap_or_default().trim_start_matches('/');
        if !homes.iter().any(|home| below.starts_with(home.as_str())) {
            continue;
        }
        let sha1 = folder.sha1.get(index).copied().flatten();
        if sha1.is_none() && len_bytes > 0 {
            return Err("the drivers are too large to be held in memory with Setup".to_owned());
        }
        let content = NewContent::File { index: first + index, len_bytes, sha1: sha1.unwrap_or_default() };
        let path = format!("{base}/{below}");
        new.push(NewFile { path, content, modified_unix_secs: addition.modified_unix_secs });
    }
    let base = base.replace('/', "\\");
    if fitting.iter().all(|path| path.is_ascii()) {
        // In a script, a percent sign is written as two.
        let load =
            |path: &&str| format!("drvload \"X:\\{base}\\{}\"", path.replace('/', "\\").replace('%', "%%"));
        commands.extend(fitting.iter().map(load));
    } else {
        // What a script is written in hangs on the system's code page; names that it finds itself do not. drvload declines
        // the drivers that fit no machine of this kind.
        commands.push(format!("for /r \"X:\\{base}\" %%i in (*.inf) do drvload \"%%i\""));
    }
    Ok(())
}

fn script(commands: &[String]) -> String {
    let mut text =
        format!("@echo off\r\nset LOG=X:\\{FOLDER}\\load-drivers.log\r\necho Loading drivers...\r\n");
    for command in commands {
        text.push_str(&format!("{command} >>\"%LOG%\" 2>&1\r\n"));
    }
    // Setup has to start whatever became of the drivers.
    text.push_str("exit /b 0\r\n");
    text
}

fn laid_out(pieces: Vec<PatchPiece>, file: &MediaFile) -> Content {
    let mut content = Content::default();
    for piece in pieces {
        match piece {
            PatchPiece::Bytes(bytes) => content.push(bytes.len() as u64, Fill::bytes(bytes)),
            PatchPiece::Copy { offset_bytes, len_bytes } => {
                content.push_range(&file.extents, offset_bytes, len_bytes);
            }
            PatchPiece::File { index, len_bytes } => {
                content.push(len_bytes, Fill::Addition { index, offset: 0 });
            }
        }
    }
    content
}
