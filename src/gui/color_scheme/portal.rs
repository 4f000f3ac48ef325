//! What the desktop prefers, asked of the settings portal (`org.freedesktop.portal.Settings`, key `color-scheme` of
//! `org.freedesktop.appearance`: 0 no preference, 1 dark, 2 light), and heard again when it changes.

use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};
use zbus::blocking::{Connection, Proxy};
use zbus::zvariant::{OwnedValue, Value};

const NAMESPACE: &str = "org.freedesktop.appearance";
const KEY: &str = "color-scheme";

/// Sends `true` for dark and `false` for light. Without a portal nothing is ever sent.
pub fn watch(wake: impl Fn() + Send + 'static) -> Receiver<bool> {
    let (sender, receiver) = bounded(4);
    thread::spawn(move || {
        // No session bus, no portal, no such key: the window keeps to its own default.
        let _ = follow(&sender, wake);
    });
    receiver
}

fn follow(sender: &Sender<bool>, wake: impl Fn()) -> zbus::Result<()> {
    let connection = Connection::session()?;
    let portal = Proxy::new(
        &connection,
        "org.freedesktop.portal.Desktop",
        "/org/freedesktop/portal/desktop",
        "org.freedesktop.portal.Settings",
    )?;
    let changes = portal.receive_signal("SettingChanged")?;
    let now: OwnedValue = portal.call("Read", &(NAMESPACE, KEY))?;
    let told = is_dark(&now).into_iter();
    let later = changes.filter_map(|change| {
        let (namespace, key, value): (String, String, OwnedValue) = change.body().deserialize().ok()?;
        if namespace == NAMESPACE && key == KEY { is_dark(&value) } else { None }
    });
    for is_dark in told.chain(later) {
        if sender.send(is_dark).is_err() {
            break;
        }
        wake();
    }
    Ok(())
}

/// `Read` wraps the value in a variant once more than the signal does.
fn is_dark(value: &Value<'_>) -> Option<bool> {
    match value {
        Value::Value(inner) => is_dark(inner),
        Value::U32(1) => Some(true),
        Value::U32(2) => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_stated_preference_counts() {
        let nested = |n: u32| Value::Value(Box::new(Value::U32(n)));
        assert_eq!(is_dark(&nested(1)), Some(true));
        assert_eq!(is_dark(&Value::U32(2)), Some(false));
        assert_eq!(is_dark(&nested(0)), None);
        assert_eq!(is_dark(&Value::from("dark")), None);
    }
}
