//! Answer files: golden ones for each scenario and version, what other parsers read in them, and what holds for any options.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "answer/judges.rs"]
mod judges;
#[path = "answer/random.rs"]
mod random;
mod support;

use std::fs;
use std::path::{Path, PathBuf};

use sticksmith::answer::{
    Answer, AnswerOptions, Architecture, Media, ProfileFormat, Secrets, Severity, Target, Version, answer,
    check_xml, read_profile, read_xml, write_profile,
};

/// Which versions each scenario can be made for.
const SCENARIOS: [(&str, &[Version]); 5] = [
    ("company", &[Version::Seven]),
    ("lab", &[Version::Eleven]),
    ("kiosk", &[Version::Vista, Version::Seven, Version::Eight, Version::EightOne, Version::Ten]),
    ("bare", &[Version::Vista, Version::Eleven]),
    ("keep", &[Version::Seven, Version::Ten]),
];

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/answer").join(name)
}

fn profile(scenario: &str) -> AnswerOptions {
    read_profile(&fs::read(golden(&format!("{scenario}.toml"))).unwrap()).unwrap()
}

fn target(options: &AnswerOptions, version: Version) -> Target {
    let architectures = match options.architectures.as_slice() {
        [] => vec![Architecture::Amd64],
        some => some.to_vec(),
    };
    Target { version, architectures }
}

/// Every document: its name, its text, and what it was made of.
fn documents() -> Vec<(String, Answer, AnswerOptions, Target)> {
    let mut documents = Vec::new();
    for (scenario, versions) in SCENARIOS {
        for version in versions {
            let options = profile(scenario);
            let target = target(&options, *version);
            let answer = answer(&options, &target).unwrap_or_else(|e| panic!("{scenario} {version}: {e:?}"));
            documents.push((format!("{scenario}-{}", version.name()), answer, options, target));
        }
    }
    documents
}

#[test]
fn documents_are_as_they_were_reviewed() {
    let compare = |name: String, text: &str| {
        let path = golden(&name);
        if std::env::var_os("STICKSMITH_WRITE_GOLDEN").is_some() {
            fs::write(&path, text).unwrap();
        }
        let reviewed = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert_eq!(text, reviewed, "{name}");
    };
    for (name, answer, _, _) in documents() {
        compare(format!("{name}.xml"), &answer.document.to_xml(Secrets::Shown));
        if let Some(script) = answer.script {
            compare(format!("{name}.cmd"), &script.text);
        }
    }
}

#[test]
fn other_parsers_read_what_was_meant() {
    for (name, answer, _, target) in documents() {
        judges::assert_good(&name, &answer.document.to_xml(Secrets::Shown), &target);
        judges::assert_good(&name, &answer.document.to_xml(Secrets::Masked), &target);
    }
}

/// As Windows reads it: in UTF-8, and in UTF-16 with a byte order mark.
#[test]
fn our_checker_accepts_our_documents() {
    for (name, answer, _, target) in documents() {
        let text = answer.document.to_xml(Secrets::Shown);
        assert_accepted(&name, text.as_bytes(), &target);
        let text = text.replace("encoding=\"utf-8\"", "encoding=\"utf-16\"");
        let utf16 = std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes);
        assert_accepted(&name, &utf16.collect::<Vec<u8>>(), &target);
    }
}

/// No errors, and no warnings but that a disk is erased.
#[track_caller]
fn assert_accepted(name: &str, bytes: &[u8], target: &Target) {
    let media = Media { version: Some(target.version), architectures: target.architectures.clone() };
    let findings = check_xml(bytes, &media);
    let unexpected = findings.iter().find(|finding| !finding.message.contains("erases disk"));
    assert!(unexpected.is_none(), "{name}: {unexpected:?}");
}

#[test]
fn documents_are_read_back_into_the_options_that_they_came_from() {
    for (name, answer, options, target) in documents() {
        assert_round_trip(&name, &answer, &options, &target);
    }
}

fn assert_round_trip(name: &str, made: &Answer, options: &AnswerOptions, target: &Target) {
    let text = made.document.to_xml(Secrets::Shown);
    let script = made.script.as_ref().map(|script| script.text.as_str());
    let reading = read_xml(text.as_bytes(), script, target.version).unwrap();
    assert_eq!(reading.left_over, [""; 0], "{name}:\n{text}");
    let read = random::consenting(reading.options);
    assert_eq!(read, random::canonical(options, target), "{name}:\n{text}");
    let again = answer(&read, target).unwrap_or_else(|e| panic!("{name}: {e:?}"));
    assert_eq!(again.document.to_xml(Secrets::Shown), text, "{name}");
    assert_eq!(again.script, made.script, "{name}");
}

#[test]
fn any_options_either_name_a_field_or_make_a_good_document() {
    let (mut made, mut refused) = (0, 0);
    for seed in 0..400 {
        let (options, target) = random::options(seed);
        let name = format!("seed {seed}");
        match answer(&options, &target) {
            Err(violations) => {
                refused += 1;
                for violation in violations {
                    let sentence = violation.to_string();
                    assert!(
                        random::FIELDS.iter().any(|field| violation.field.starts_with(field)),
                        "{sentence}"
                    );
                    assert!(
                        !violation.limit.is_empty() && sentence.starts_with(&violation.field),
                        "{sentence}"
                    );
                    assert!(!sentence.contains(random::SECRET), "{sentence}");
                }
            }
            Ok(answer) => {
                made += 1;
                let text = answer.document.to_xml(Secrets::Shown);
                assert_accepted(&name, text.as_bytes(), &target);
                assert_round_trip(&name, &answer, &options, &target);
                assert!(!answer.document.to_xml(Secrets::Masked).contains(random::SECRET), "{name}");
            }
        }
        assert!(!format!("{options:?}").contains(random::SECRET));
        assert!(!serde_json::to_string(&options).unwrap().contains(random::SECRET));
        for format in [ProfileFormat::Toml, ProfileFormat::Json] {
            let text = write_profile(&options, format, Secrets::Shown);
            assert_eq!(read_profile(text.as_bytes()).unwrap(), options, "{name}:\n{text}");
        }
    }
    assert!(
        made > 50 && refused > 50,
        "{made} made, {refused} refused: the options are too tame or too wild"
    );
}

/// A few of the random documents, because a judge takes a while to start.
#[test]
fn other_parsers_read_random_documents_alike() {
    let made = (0..)
        .map(random::options)
        .filter_map(|(options, target)| Some((answer(&options, &target).ok()?, target)));
    for (at, (answer, target)) in made.take(8).enumerate() {
        judges::assert_good(&format!("document {at}"), &answer.document.to_xml(Secrets::Shown), &target);
    }
}

#[test]
fn a_secret_never_leaves_by_another_door() {
    let options = profile("company");
    let target = target(&options, Version::Seven);
    let answer = answer(&options, &target).unwrap();
    let masked = answer.document.to_xml(Secrets::Masked);
    let secrets = ["BCDFG", "geheim", "ZwBlAGgAZQBpAG0", "PAAmAD4A"];
    let shown = answer.document.to_xml(Secrets::Shown);
    assert!(secrets.iter().filter(|secret| shown.contains(**secret)).count() >= 3);
    for text in [masked.clone(), format!("{options:?}{answer:?}"), serde_json::to_string(&options).unwrap()] {
        assert!(!secrets.iter().any(|secret| text.contains(secret)), "{text}");
    }
    // It says itself that it is not for Setup.
    let findings = check_xml(masked.as_bytes(), &Media::default());
    assert!(findings.iter().any(|finding| finding.severity == Severity::Error));
}
