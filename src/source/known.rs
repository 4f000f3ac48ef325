//! Official images that are known by their checksums.

use crate::base::Digest;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownImage {
    /// "Windows 7 Professional with Service Pack 1, x64, English (X17-59186)".
    pub name: &'static str,
}

/// The image that this checksum belongs to. `None` means "not on our list", nothing worse.
pub fn known_image(digest: &Digest) -> Option<KnownImage> {
    let text = digest.to_string();
    IMAGES.iter().find(|(_, digests)| digests.contains(&text.as_str())).map(|(name, _)| KnownImage { name })
}

/// Only images whose checksums several independent publishers agree on.
const IMAGES: [(&str, [&str; 2]); 4] = [
    (
        "Windows 7 Professional with Service Pack 1, x64, English (X17-59186)",
        [
            "sha1:0bcfc54019ea175b1ee51f6d2b207a3d14dd2b58",
            "sha256:3dae1a531b90fa72e59b4a86b20216188d398c8c070da4a5c5a44fe08b1b6e55",
        ],
    ),
    (
        "Windows 7 Professional with Service Pack 1, x86, English (X17-59183)",
        [
            "sha1:d89937df3a9bc2ec1a1486195fd308cd3dade928",
            "sha256:fd4cdf56e0087ac4a76d6858046f3ee50977d47917ca96366322e271ddd4838e",
        ],
    ),
    (
        "Windows 7 Ultimate with Service Pack 1, x64, English (X17-59465)",
        [
            "sha1:36ae90defbad9d9539e649b193ae573b77a71c83",
            "sha256:36f4fa2416d0982697ab106e3a72d2e120dbcdb6cc54fd3906d06120d0653808",
        ],
    ),
    (
        "Windows 7 Enterprise with Service Pack 1, x64, English (u_677651)",
        [
            "sha1:a491f985dccfb5863f31b728dddbedb2ff4df8d1",
            "sha256:ee69f3e9b86ff973f632db8e01700c5724ef78420b175d25bae6ead90f6805a7",
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_checksum_of_the_table_is_well_formed_and_names_its_image() {
        for (name, digests) in IMAGES {
            for text in digests {
                let digest: Digest = text.parse().unwrap();
                assert_eq!(digest.to_string(), text);
                assert_eq!(known_image(&digest), Some(KnownImage { name }));
            }
        }
    }

    #[test]
    fn other_checksums_are_not_on_the_list() {
        let digest: Digest = "0bcfc54019ea175b1ee51f6d2b207a3d14dd2b59".parse().unwrap();
        assert_eq!(known_image(&digest), None);
    }
}
