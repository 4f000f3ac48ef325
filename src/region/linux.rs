//! Linux: the environment, then the files of systemd, then those of Debian.

use std::fs::{self, File};
use std::io::Read;

use super::Said;
use super::values::{assigned, x_option, zone_of_link};

/// Such files have some hundred bytes.
const MAX_BYTES: u64 = 64 << 10;

const LOCALE_FILES: [&str; 2] = ["/etc/locale.conf", "/etc/default/locale"];
/// The first two are written by systemd-localed.
const KEYBOARD_FILES: [&str; 2] = ["/etc/vconsole.conf", "/etc/default/keyboard"];
const X_KEYBOARD_FILE: &str = "/etc/X11/xorg.conf.d/00-keyboard.conf";

pub(super) fn read() -> Said {
    let x = text_of(X_KEYBOARD_FILE);
    let keyboard = |name| KEYBOARD_FILES.iter().find_map(|file| assigned(&text_of(file), name));
    let layouts = x_option(&x, "XkbLayout");
    let (layouts, variants) = match layouts {
        Some(layouts) => (Some(layouts), x_option(&x, "XkbVariant")),
        None => (keyboard("XKBLAYOUT"), keyboard("XKBVARIANT")),
    };
    Said {
        language: locale("LC_MESSAGES"),
        formats: locale("LC_TIME"),
        layouts,
        variants,
        console_keymap: keyboard("KEYMAP"),
        time_zone: time_zone(),
    }
}

/// As the C library decides: LC_ALL, the category's own, LANG.
fn locale(category: &str) -> Option<String> {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let in_files = |name: &str| LOCALE_FILES.iter().find_map(|file| assigned(&text_of(file), name));
    let of_environment = set("LC_ALL").or_else(|| set(category)).or_else(|| set("LANG"));
    of_environment.or_else(|| in_files(category)).or_else(|| in_files("LANG"))
}

fn time_zone() -> Option<String> {
    let link = fs::read_link("/etc/localtime").ok();
    let of_link = link.and_then(|target| zone_of_link(&target.to_string_lossy()));
    of_link.or_else(|| Some(text_of("/etc/timezone").trim().to_owned()).filter(|name| !name.is_empty()))
}

/// Empty where there is no such file.
fn text_of(path: &str) -> String {
    let mut text = String::new();
    // What cannot be read says nothing.
    let _ = File::open(path).and_then(|file| file.take(MAX_BYTES).read_to_string(&mut text));
    text
}
