//! Identifiers and encodings.

use super::{Units, string, units};

/// 2.10: groups of 8, 4, 4, 4 and 12 digits, perhaps in braces.
pub(super) fn guid(text: &[u16]) -> Option<Vec<u8>> {
    let text = string(text);
    let inner = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(&text);
    let groups: Vec<&str> = inner.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    if lengths != [8, 4, 4, 4, 12] {
        return None;
    }
    let mut octets = Vec::new();
    for (i, group) in groups.iter().enumerate() {
        let mut part = from_hex(group)?;
        if i < 3 {
            part.reverse();
        }
        octets.extend(part);
    }
    Some(octets)
}

pub(super) fn guid_text(octets: &[u8]) -> Option<Units> {
    if octets.len() != 16 {
        return None;
    }
    let group =
        |order: &[usize]| order.iter().map(|i| format!("{:02x}", octets[*i])).collect::<String>();
    let groups = [
        group(&[3, 2, 1, 0]),
        group(&[5, 4]),
        group(&[7, 6]),
        group(&[8, 9]),
        group(&[10, 11, 12, 13, 14, 15]),
    ];
    Some(units(&groups.join("-")))
}

pub(super) fn sid_text(octets: &[u8]) -> Option<Units> {
    if octets.len() < 8 || octets[0] != 1 || octets[1] > 15 {
        return None;
    }
    if octets.len() != 8 + 4 * usize::from(octets[1]) {
        return None;
    }
    let authority = octets[2..8].iter().fold(0_u64, |sum, octet| sum * 256 + u64::from(*octet));
    let mut out = if authority < 1 << 32 {
        format!("S-1-{authority}")
    } else {
        format!("S-1-0x{authority:012x}")
    };
    for part in octets[8..].chunks(4) {
        let number = part.iter().rev().fold(0_u64, |sum, octet| sum * 256 + u64::from(*octet));
        out.push_str(&format!("-{number}"));
    }
    Some(units(&out))
}

pub(super) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(16)).collect();
    let digits = digits?;
    if digits.len() % 2 != 0 {
        return None;
    }
    Some(digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap()).collect())
}

pub(super) fn to_hex(octets: &[u8]) -> Units {
    units(&octets.iter().map(|octet| format!("{octet:02X}")).collect::<String>())
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub(super) fn to_base64(octets: &[u8]) -> Units {
    let mut out = String::new();
    for group in octets.chunks(3) {
        let mut bits = 0_usize;
        for i in 0..3 {
            bits = bits << 8 | usize::from(group.get(i).copied().unwrap_or(0));
        }
        for i in 0..4 {
            let is_used = i <= group.len();
            let six = bits >> (18 - 6 * i) & 63;
            out.push(if is_used { char::from(BASE64[six]) } else { '=' });
        }
    }
    units(&out)
}

/// Whole groups of four with their padding; white space and odd bits at the end mean nothing.
pub(super) fn from_base64(text: &[u16]) -> Option<Vec<u8>> {
    let text: String = string(text).chars().filter(|c| !c.is_ascii_whitespace()).collect();
    if !text.chars().count().is_multiple_of(4) {
        return None;
    }
    let digits = text.trim_end_matches('=');
    if text.len() - digits.len() > 2 {
        return None;
    }
    let mut bits = 0_u32;
    let mut count = 0;
    let mut octets = Vec::new();
    for c in digits.bytes() {
        let six = BASE64.iter().position(|digit| *digit == c)?;
        bits = bits << 6 | u32::try_from(six).unwrap();
        count += 6;
        if count >= 8 {
            count -= 8;
            octets.push(u8::try_from(bits >> count & 255).unwrap());
            bits &= (1 << count) - 1;
        }
    }
    Some(octets)
}
