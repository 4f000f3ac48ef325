//! Folders that are hard to pack, the same for the same seed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

pub struct Rng(u64);

impl Rng {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 8
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }
}

/// What a folder holds.
#[derive(Default)]
pub struct Tree {
    /// By path.
    pub files: BTreeMap<String, Vec<u8>>,
    pub folders: BTreeSet<String>,
    pub links: BTreeSet<String>,
}

/// Fills `root` with files of up to some times `chunk_bytes`, together not much more than `total_bytes`.
pub fn plant(root: &Path, rng: &mut Rng, chunk_bytes: usize, total_bytes: usize) -> Tree {
    let mut tree = Tree::default();
    let mut left = total_bytes;
    let mut folders = vec![String::new()];
    fs::create_dir_all(root).unwrap();
    for number in 0.. {
        let parent = folders[rng.below(folders.len())].clone();
        let path = format!("{parent}{}", name(rng, number));
        if number % 4 == 1 {
            fs::create_dir(root.join(&path)).unwrap();
            tree.folders.insert(path.clone());
            folders.push(format!("{path}/"));
            continue;
        }
        let len = match number {
            0 => 0,
            // Whatever the seed: the limits of a chunk, and more than one.
            2 => chunk_bytes + chunk_bytes / 4 + 11,
            3 if chunk_bytes <= 1 << 17 => chunk_bytes,
            _ => match rng.below(8) {
                0 => rng.below(12),
                1 => chunk_bytes - 1 + rng.below(3),
                2 => rng.below(3 * chunk_bytes.min(1 << 17)),
                _ => rng.below(20_000),
            },
        };
        if number > 24 && len > left {
            break;
        }
        let content = match tree.files.values().next_back() {
            Some(same) if number % 9 == 4 => same.clone(),
            _ => content(rng, len),
        };
        left = left.saturating_sub(content.len());
        fs::write(root.join(&path), &content).unwrap();
        if number % 7 == 3 {
            let other = format!("{parent}hard link {number}");
            fs::hard_link(root.join(&path), root.join(&other)).unwrap();
            tree.files.insert(other, content.clone());
        }
        tree.files.insert(path, content);
    }
    std::os::unix::fs::symlink("nowhere", root.join("link")).unwrap();
    tree.links.insert("link".to_owned());
    tree
}

/// Names in any script. The number keeps those apart that differ in case only.
fn name(rng: &mut Rng, number: usize) -> String {
    const STARTS: [u32; 9] = [0x61, 0x41, 0xC0, 0x3B1, 0x430, 0x5D0, 0x3041, 0x4E00, 0x1F600];
    let start = STARTS[rng.below(STARTS.len())];
    let len = if number % 11 == 5 { 50 } else { 1 + rng.below(12) };
    let chars: String = (0..len).filter_map(|_| char::from_u32(start + rng.below(20) as u32)).collect();
    let ending = ["", ".txt", " .x", "..y", "\u{301}"][rng.below(5)];
    format!("{chars}{number}{ending}")
}

/// What the codecs treat differently: text, noise, runs, code with calls, and a mixture that changes within a chunk.
pub fn content(rng: &mut Rng, len: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(len + 64);
    let mut kind = rng.below(5);
    let is_mixed = kind == 4;
    while bytes.len() < len {
        if is_mixed {
            kind = rng.below(4);
        }
        let piece = (len - bytes.len()).min(if is_mixed { 1 + rng.below(20_000) } else { len });
        let end = bytes.len() + piece;
        while bytes.len() < end {
            match kind {
                0 => {
                    const WORDS: [&str; 6] = ["stick", "image ", "the ", "sector", "\r\n", "Ünïcode "];
                    bytes.extend_from_slice(WORDS[rng.below(WORDS.len())].as_bytes());
                }
                1 => bytes.extend_from_slice(&rng.next().to_le_bytes()[..6]),
                2 => bytes.extend(std::iter::repeat_n(rng.next() as u8, 1 + rng.below(3000))),
                _ => {
                    // References to a few targets, some of them out of every range.
                    let target = [0x1000, 0x8000, 12_000_000, 0x7FFF_FFFF][rng.below(4)] as i64;
                    let relative = (target - bytes.len() as i64 + rng.below(3) as i64) as i32;
                    // The instructions that LZMS knows; calls most of all, which LZX does too.
                    const OPCODES: [&[u8]; 6] = [
                        &[0x48, 0x8B, 0x05],
                        &[0x48, 0x8B, 0x0D],
                        &[0x48, 0x8D, 0x15],
                        &[0x4C, 0x8D, 0x3D],
                        &[0xF0, 0x83, 0x05],
                        &[0xFF, 0x15],
                    ];
                    bytes.extend_from_slice(OPCODES.get(rng.below(12)).unwrap_or(&&[0xE8][..]));
                    bytes.extend_from_slice(&relative.to_le_bytes());
                    bytes.extend_from_slice(&[0x8B, 0x45, 0xE8, 0x90, 0xE8][..rng.below(6)]);
                }
            }
        }
        bytes.truncate(end);
    }
    bytes
}
