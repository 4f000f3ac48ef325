//! Long names keep their beginning and their end: `debian-12.8…-netinst.iso`.

/// Shortens `text` in its middle until `fits` agrees. Gives back `text` itself where it fits.
pub fn elide_middle(text: &str, fits: impl Fn(&str) -> bool) -> String {
    if fits(text) {
        return text.to_owned();
    }
    let chars: Vec<char> = text.chars().collect();
    if chars.is_empty() {
        return String::new();
    }
    let elided = |keep: usize| -> String {
        let tail = keep / 2;
        let head = keep - tail;
        chars[..head].iter().chain(['…'].iter()).chain(&chars[chars.len() - tail..]).collect()
    };
    // The greatest number of kept characters that fits; one is kept even where nothing fits.
    let (mut low, mut high) = (1, chars.len().saturating_sub(1).max(1));
    while low < high {
        let middle = (low + high).div_ceil(2);
        if fits(&elided(middle)) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    elided(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_stay() {
        let at_most = |n: usize| move |text: &str| text.chars().count() <= n;
        assert_eq!(elide_middle("short.iso", at_most(20)), "short.iso");
        assert_eq!(elide_middle("debian-12.8.0-amd64-netinst.iso", at_most(15)), "debian-…nst.iso");
        assert_eq!(elide_middle("ééééééé", at_most(5)), "éé…éé");
        assert_eq!(elide_middle("abcdef", at_most(0)), "a…");
        assert_eq!(elide_middle("", |_| false), "");
    }
}
