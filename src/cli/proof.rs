//! The last page of a job: what was written, what was verified, and how that is known.

use crate::base::ByteSize;
use crate::job::{Mismatch, PhaseTime, Report};

use super::progress::{duration, name, rate};

/// The conclusion, then what supports it.
pub fn lines(report: &Report) -> Vec<String> {
    let mut lines = vec![report.conclusion.clone()];
    lines.extend(report.phases.iter().map(|phase| row(name(phase.phase), phase_text(phase))));
    if report.bytes_written > 0 {
        lines.push(row("Bytes written", report.bytes_written));
    }
    let proof = &report.proof;
    if proof.verified_bytes > 0 {
        let from =
            if proof.past_cache { "read from the medium" } else { "perhaps read from the system's cache" };
        lines.push(row("Bytes verified", format!("{}, {from}", proof.verified_bytes)));
    }
    for named in &report.digests {
        let matches = named.matches.as_ref().map(|by| format!(", as expected by {by}")).unwrap_or_default();
        let digest = &named.digest;
        lines.push(row(&digest.algorithm().to_string(), format!("{} ({}{matches})", digest.hex(), named.of)));
    }
    if !proof.mismatches.is_empty() {
        lines.push(row("Different bytes", proof.different_bytes));
        lines.extend(proof.mismatches.iter().map(|mismatch| format!("    {}", mismatch_text(mismatch))));
        if proof.truncated {
            lines.push("    and more".to_owned());
        }
    }
    lines
}

/// `67.1 MB in 0.4 s, 160.0 MB/s`
pub fn phase_text(phase: &PhaseTime) -> String {
    let time = if phase.secs < 10.0 { format!("{:.1} s", phase.secs) } else { duration(phase.secs) };
    if phase.bytes == 0 || phase.secs <= 0.0 {
        return time;
    }
    format!("{} in {time}, {}", ByteSize(phase.bytes), rate(phase.bytes as f64 / phase.secs))
}

fn mismatch_text(mismatch: &Mismatch) -> String {
    let mut text = format!("at byte {}: {} bytes", mismatch.offset, mismatch.len);
    if let Some(what) = &mismatch.what {
        text += &format!(", {what}");
    }
    if mismatch.flaky {
        text += " (a second read was right: suspect the reader or the cable)";
    }
    text
}

fn row(name: &str, value: impl std::fmt::Display) -> String {
    format!("  {name:<18}  {value}")
}

#[cfg(test)]
mod tests {
    use crate::job::{Phase, Proof};

    use super::*;

    #[test]
    fn differences_are_named_with_place_and_suspect() {
        let report = Report {
            program: String::new(),
            action: "check".into(),
            started_unix_secs: 0,
            image: None,
            image_path: None,
            known_as: None,
            drive: None,
            digests: Vec::new(),
            phases: vec![PhaseTime { phase: Phase::Comparing, bytes: 2_000_000, secs: 0.5 }],
            bytes_written: 0,
            proof: Proof {
                verified_bytes: 2_000_000,
                past_cache: true,
                mismatches: vec![Mismatch {
                    offset: 512,
                    len: 8,
                    flaky: true,
                    what: Some("primary GPT".into()),
                }],
                truncated: true,
                different_bytes: 99,
            },
            warnings: Vec::new(),
            conclusion: "Not the same.".into(),
        };
        let text = lines(&report).join("\n");
        for part in [
            "Not the same.",
            "2.0 MB in 0.5 s, 4.0 MB/s",
            "2000000, read from the medium",
            "at byte 512: 8 bytes, primary GPT (a second read",
            "and more",
        ] {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
    }
}
