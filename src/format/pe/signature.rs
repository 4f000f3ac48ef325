//! The signatures in a PE file's certificate table: PKCS #7 signed data (RFC 2315) in DER (X.690), of which only the way
//! to the name of the certificate's issuer is read.

use super::super::bytes::{printable, u16_le, u32_le};

/// WIN_CERT_TYPE_PKCS_SIGNED_DATA.
const PKCS_SIGNED_DATA: u16 = 2;
/// Length, revision and type of a WIN_CERTIFICATE.
const CERTIFICATE_HEADER_BYTES: usize = 8;
/// Loaders have one, two during a change of certificates.
const MAX_SIGNATURES: usize = 16;
/// ub-common-name (RFC 5280).
const MAX_NAME_CHARS: usize = 64;

const INTEGER: u8 = 0x02;
const OBJECT_IDENTIFIER: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
/// `[0]` and `[1]`, constructed.
const CONTEXT_0: u8 = 0xA0;
const CONTEXT_1: u8 = 0xA1;
/// 1.2.840.113549.1.7.2
const SIGNED_DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02];
/// 2.5.4.3
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];

/// The common names of the issuers of all signers in a certificate table. Signatures that cannot be read are passed over.
pub(super) fn issuers(mut table: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for _ in 0..MAX_SIGNATURES {
        let Some(header) = table.get(..CERTIFICATE_HEADER_BYTES) else { break };
        let len = u32_le(header, 0) as usize;
        let Some(body) = table.get(CERTIFICATE_HEADER_BYTES..len) else { break };
        if u16_le(header, 6) == PKCS_SIGNED_DATA {
            found.extend(issuers_of_signed_data(body).unwrap_or_default());
        }
        // Each begins at a multiple of eight bytes.
        table = table.get(len.next_multiple_of(8)..).unwrap_or_default();
    }
    found
}

/// ContentInfo { contentType, [0] SignedData { version, digestAlgorithms, contentInfo, [0] certificates, [1] crls,
/// signerInfos SET OF SignerInfo { version, { issuer, serialNumber }, … } } }
fn issuers_of_signed_data(der: &[u8]) -> Option<Vec<String>> {
    let mut content = Der(Der(der).expect(SEQUENCE)?);
    if content.expect(OBJECT_IDENTIFIER)? != SIGNED_DATA {
        return None;
    }
    let mut signed = Der(Der(content.expect(CONTEXT_0)?).expect(SEQUENCE)?);
    signed.expect(INTEGER)?;
    signed.expect(SET)?;
    signed.expect(SEQUENCE)?;
    let signers = loop {
        match signed.next()? {
            (CONTEXT_0 | CONTEXT_1, _) => {}
            (SET, signers) => break signers,
            _ => return None,
        }
    };
    let mut signers = Der(signers);
    let mut names = Vec::new();
    while let Some((SEQUENCE, signer)) = signers.next()
        && names.len() < MAX_SIGNATURES
    {
        let mut signer = Der(signer);
        signer.expect(INTEGER)?;
        let issuer = Der(signer.expect(SEQUENCE)?).expect(SEQUENCE)?;
        names.extend(common_name(issuer));
    }
    Some(names)
}

/// Name: SEQUENCE OF SET OF { type, value }.
fn common_name(name: &[u8]) -> Option<String> {
    let mut sets = Der(name);
    while let Some((SET, set)) = sets.next() {
        let mut attributes = Der(set);
        while let Some((SEQUENCE, attribute)) = attributes.next() {
            let mut attribute = Der(attribute);
            if attribute.expect(OBJECT_IDENTIFIER)? == COMMON_NAME {
                let (tag, value) = attribute.next()?;
                return text(tag, value);
            }
        }
    }
    None
}

fn text(tag: u8, value: &[u8]) -> Option<String> {
    let text = match tag {
        // UTF8String, PrintableString, IA5String
        0x0C | 0x13 | 0x16 => String::from_utf8_lossy(value).into_owned(),
        // T61String
        0x14 => value.iter().map(|b| char::from(*b)).collect(),
        // BMPString
        0x1E => {
            let units = value.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            char::decode_utf16(units).map(|c| c.unwrap_or('\u{FFFD}')).collect()
        }
        _ => return None,
    };
    printable(&text.chars().take(MAX_NAME_CHARS).collect::<String>())
}

/// Elements of DER, one after the other. It ends where the next one does not fit.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// Tag and content of the next element.
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (tag, first, rest) = match self.0 {
            // Tags of more bytes do not occur here.
            [tag, first, rest @ ..] if tag & 0x1F != 0x1F => (*tag, *first, rest),
            _ => return None,
        };
        let (len, rest) = match first {
            0..=0x7F => (usize::from(first), rest),
            0x81..=0x84 => {
                let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7F))?;
                (bytes.iter().fold(0, |len, b| len << 8 | usize::from(*b)), rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(len)?;
        self.0 = rest;
        Some((tag, content))
    }

    fn expect(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next().filter(|(found, _)| *found == tag).map(|(_, content)| content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(tag: u8, content: &[&[u8]]) -> Vec<u8> {
        let content = content.concat();
        let len = content.len();
        let mut der =
            if len < 0x80 { vec![tag, len as u8] } else { vec![tag, 0x82, (len >> 8) as u8, len as u8] };
        der.extend(content);
        der
    }

    fn table(issuer_cn: &[u8]) -> Vec<u8> {
        let cn = element(SEQUENCE, &[&element(OBJECT_IDENTIFIER, &[COMMON_NAME]), issuer_cn]);
        let other =
            element(SEQUENCE, &[&element(OBJECT_IDENTIFIER, &[&[0x55, 4, 10]]), &element(0x13, &[b"Org"])]);
        let issuer = element(SEQUENCE, &[&element(SET, &[&other]), &element(SET, &[&cn])]);
        let serial = element(INTEGER, &[&[1; 16]]);
        let signer =
            element(SEQUENCE, &[&element(INTEGER, &[&[1]]), &element(SEQUENCE, &[&issuer, &serial])]);
        let signed = element(
            SEQUENCE,
            &[
                &element(INTEGER, &[&[1]]),
                &element(SET, &[]),
                &element(SEQUENCE, &[]),
                &element(CONTEXT_0, &[&[0; 200]]),
                &element(SET, &[&signer]),
            ],
        );
        let content = element(
            SEQUENCE,
            &[&element(OBJECT_IDENTIFIER, &[SIGNED_DATA]), &element(CONTEXT_0, &[&signed])],
        );
        let mut table = ((content.len() + 8) as u32).to_le_bytes().to_vec();
        table.extend([0, 2, 2, 0]);
        table.extend(content);
        table.resize(table.len().next_multiple_of(8), 0);
        table
    }

    #[test]
    fn names_in_all_widths_of_all_signatures() {
        let one = table(&element(0x13, &[b"Microsoft Windows Production PCA 2011"]));
        let two = table(&element(0x1E, &[b"\0C\0A"]));
        assert_eq!(issuers(&[one, two].concat()), ["Microsoft Windows Production PCA 2011", "CA"]);
        let long = table(&element(0x0C, &[&[b'x'; 100], b"\x1b[31m"]));
        assert_eq!(issuers(&long), ["x".repeat(64)]);
    }

    #[test]
    fn damaged_signatures_name_nobody_new() {
        let whole = table(&element(0x13, &[b"Somebody"]));
        for len in 0..whole.len() - 8 {
            assert_eq!(issuers(&whole[..len]), [""; 0], "{len}");
        }
        for at in 0..whole.len() {
            for value in [0, 0x7F, 0x80, 0x84, 0xFF] {
                let mut damaged = whole.clone();
                damaged[at] = value;
                assert!(issuers(&damaged).len() <= 1);
            }
        }
    }
}
