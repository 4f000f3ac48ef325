//! What UDisks2 and polkit answer when they do not do what they were asked, in words for people.

use std::io;
use std::path::Path;

use rustix::io::Errno;

use super::super::super::{DeviceError, Operation};
use super::super::fault::{access, denied};
use super::PASSWORD_PATIENCE;

/// Every answer but "done". The names are those of the UDisks Reference Manual, "D-Bus errors".
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::device::linux) enum Answer {
    /// No system bus, or nobody by that name on it.
    NoService,
    /// The policy forbids it, and no password would help.
    Forbidden,
    /// A prompt was shown, but not answered as polkit wants it. Some agents answer so when it is closed.
    NotProved,
    /// A password would do, but there is no agent that could ask for it.
    NotAuthorizedCanObtain,
    /// The password prompt was closed.
    NotAuthorizedDismissed,
    TimedOut,
    /// UDisks2 does not know the device (any more).
    Gone,
    NotMounted,
    Busy,
    ReadOnly,
    /// UDisks2 cannot tell the drive from another, which has this node.
    Twin(String),
    /// In UDisks2's own words, which may be of any language.
    Other(String),
}

impl Answer {
    /// As an error of the device at `path`. `other_way`: what a user without rights can do instead.
    pub(in crate::device::linux) fn error(
        self,
        operation: Operation,
        path: &Path,
        other_way: &str,
    ) -> DeviceError {
        let minutes = PASSWORD_PATIENCE.as_secs() / 60;
        let why = match self {
            Self::NoService => "the service that could grant it (UDisks2) does not answer; install and start udisks2".to_owned(),
            Self::Forbidden => {
                "the system's policy (polkit) forbids it; ask your administrator".to_owned()
            }
            Self::NotProved => {
                "the password was wrong, or its prompt was closed; start again and type it".to_owned()
            }
            Self::NotAuthorizedCanObtain => {
                "a password is needed, but nobody can ask for it: no polkit agent runs in this session; start the \
                 program in a terminal or in a desktop's session"
                    .to_owned()
            }
            Self::NotAuthorizedDismissed => {
                "the password prompt was closed; start again and answer it".to_owned()
            }
            Self::TimedOut => format!(
                "no answer came within {minutes} minutes; start again and answer the password prompt"
            ),
            Self::Gone | Self::NotMounted => return access(operation, path, Errno::NODEV.into()),
            Self::Busy => return access(operation, path, Errno::BUSY.into()),
            Self::ReadOnly => return access(operation, path, Errno::ROFS.into()),
            Self::Twin(other) => {
                return access(
                    operation,
                    path,
                    io::Error::other(format!(
                        "UDisks2 cannot tell it from {other}, a drive of the same name without a serial number; \
                         everything has been flushed, so unplug it when its light stands still"
                    )),
                );
            }
            Self::Other(words) => {
                return access(operation, path, io::Error::other(format!("UDisks2 says: {words}")));
            }
        };
        denied(operation, path, &format!("{why}, or {other_way}"))
    }

    fn of_method_error(name: &str, words: &str) -> Self {
        if let Some(name) = name.strip_prefix("org.freedesktop.UDisks2.Error.") {
            return match name {
                "NotAuthorized" => Self::Forbidden,
                "NotAuthorizedCanObtain" => Self::NotAuthorizedCanObtain,
                "NotAuthorizedDismissed" => Self::NotAuthorizedDismissed,
                "Timedout" | "TimedOut" | "Cancelled" => Self::TimedOut,
                "NotMounted" => Self::NotMounted,
                "DeviceBusy" => Self::Busy,
                _ => Self::Other(words.trim().to_owned()),
            };
        }
        match name.strip_prefix("org.freedesktop.DBus.Error.") {
            Some("NoReply" | "Timeout" | "TimedOut") => Self::TimedOut,
            // An object goes with its device; only one that has a file system has the interface of file systems.
            Some("UnknownObject" | "UnknownMethod" | "UnknownInterface") => Self::Gone,
            Some("ServiceUnknown" | "NameHasNoOwner" | "Disconnected") => Self::NoService,
            Some(other) if other.starts_with("Spawn.") => Self::NoService,
            // The bus itself, not polkit.
            Some("AccessDenied") => Self::Forbidden,
            _ => Self::Other(words.trim().to_owned()),
        }
    }
}

impl From<zbus::Error> for Answer {
    fn from(error: zbus::Error) -> Self {
        match &error {
            zbus::Error::MethodError(name, words, _) => {
                Self::of_method_error(name.as_str(), words.as_deref().unwrap_or_default())
            }
            zbus::Error::InputOutput(error) if error.kind() == io::ErrorKind::TimedOut => Self::TimedOut,
            // The bus went away in the middle.
            zbus::Error::InputOutput(_) => Self::NoService,
            zbus::Error::FDO(error) => Self::Other(error.to_string()),
            _ => Self::Other(error.to_string()),
        }
    }
}

impl From<zbus::fdo::Error> for Answer {
    fn from(error: zbus::fdo::Error) -> Self {
        zbus::Error::from(error).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::ErrorClass;

    #[test]
    fn every_answer_of_polkit_has_its_own_way_forward() {
        let mut sentences = Vec::new();
        for (name, words) in [
            ("org.freedesktop.UDisks2.Error.NotAuthorized", "forbids it"),
            ("org.freedesktop.UDisks2.Error.NotAuthorizedCanObtain", "no polkit agent"),
            ("org.freedesktop.UDisks2.Error.NotAuthorizedDismissed", "was closed"),
            ("org.freedesktop.DBus.Error.NoReply", "within 5 minutes"),
            ("org.freedesktop.DBus.Error.ServiceUnknown", "UDisks2"),
        ] {
            let answer = Answer::of_method_error(name, "Not authorized to perform operation");
            let error = answer.error(Operation::Open, "/dev/sdx".as_ref(), "run the program as root");
            let sentence = error.to_string();
            assert_eq!(error.class(), ErrorClass::Denied, "{sentence}");
            assert!(
                sentence.contains(words) && sentence.ends_with("or run the program as root"),
                "{sentence}"
            );
            sentences.push(sentence);
        }
        sentences.sort();
        sentences.dedup();
        assert_eq!(sentences.len(), 5);
    }

    #[test]
    fn a_wrong_password_is_no_verdict_of_the_policy() {
        let words = |answer: Answer| answer.error(Operation::Open, "/dev/sdx".as_ref(), "x").to_string();
        assert!(words(Answer::NotProved).contains("the password was wrong, or its prompt was closed"));
        assert!(!words(Answer::Forbidden).contains("password"));
    }

    #[test]
    fn answers_are_told_apart_by_their_names_in_any_language() {
        const FAILED: &str = "org.freedesktop.UDisks2.Error.Failed";
        const GERMAN: &str = "Das Gerät oder die Ressource ist belegt";
        for (name, words, answer) in [
            (FAILED, GERMAN, Answer::Other(GERMAN.to_owned())),
            ("org.freedesktop.UDisks2.Error.DeviceBusy", GERMAN, Answer::Busy),
            ("org.freedesktop.UDisks2.Error.NotMounted", "", Answer::NotMounted),
            ("org.freedesktop.DBus.Error.UnknownObject", "", Answer::Gone),
            ("org.freedesktop.DBus.Error.Spawn.ExecFailed", "", Answer::NoService),
        ] {
            assert_eq!(Answer::of_method_error(name, words), answer, "{name}: {words}");
        }
    }
}
