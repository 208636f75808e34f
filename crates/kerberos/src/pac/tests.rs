//! Buffers as Samba's KDC wrote them for a guest in groups of every scope, whole and damaged.

use proptest::prelude::*;

use super::*;

fn octets(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    let pairs = digits.as_chunks::<2>().0.iter();
    pairs.map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn logon() -> Vec<u8> {
    octets(include_str!("captured/logon-info.hex"))
}

fn names() -> Vec<u8> {
    octets(include_str!("captured/upn-dns-info.hex"))
}

fn through() -> Vec<u8> {
    octets(include_str!("captured/delegation-info.hex"))
}

#[test]
fn logon_information_has_the_account_its_sid_and_its_groups() {
    let logon = logon_info(&logon()).unwrap();
    let domain = "S-1-5-21-531985741-337567213-2407420482";
    assert_eq!(logon.sid.to_string(), format!("{domain}-1106"));
    assert_eq!(logon.account, "7e0f7b7e-3d9a-4a57-9");
    assert_eq!(logon.netbios_domain.as_deref(), Some("CONTOSO"));
    let groups: Vec<String> = logon.groups.iter().map(ToString::to_string).collect();
    let mut wanted: Vec<String> =
        [513, 1107, 1108, 1109].iter().map(|rid| format!("{domain}-{rid}")).collect();
    wanted.push("S-1-18-2".to_owned());
    assert_eq!(groups, wanted);
}

#[test]
fn names_are_the_upn_and_the_domain() {
    assert_eq!(
        upn_dns_info(&names()).unwrap(),
        (
            Some("ada_treyresearch.com#EXT#@contoso.onmicrosoft.com".to_owned()),
            Some("CONTOSO.COM".to_owned())
        )
    );
}

#[test]
fn delegation_is_proven_by_target_and_transited_services() {
    assert_eq!(
        delegation_info(&through()).unwrap(),
        Delegation {
            target: "HTTP/portal.contoso.com".to_owned(),
            transited: vec!["gatewaysvc@CONTOSO.COM".to_owned()],
        }
    );
}

#[test]
fn a_buffer_that_is_cut_is_no_pac() {
    // At the end there may be octets that only fill up to a multiple of eight.
    let whole = logon();
    for length in 0..whole.len() - 8 {
        assert_eq!(logon_info(&whole[..length]), None, "{length} octets");
    }
    let whole = through();
    for length in 0..whole.len() - 8 {
        assert_eq!(delegation_info(&whole[..length]), None, "{length} octets");
    }
}

#[test]
fn a_sid_outside_the_domains_numbers_is_the_first_extra_one() {
    let mut buffer = logon();
    // UserId: after the headers, six times, six strings and two counts.
    let place = 20 + 6 * 8 + 6 * 8 + 4;
    assert_eq!(buffer[place..place + 4], 1106_u32.to_le_bytes());
    buffer[place..place + 4].fill(0);
    let logon = logon_info(&buffer).unwrap();
    assert_eq!(logon.sid.to_string(), "S-1-18-2");
}

#[test]
fn a_count_that_promises_more_than_there_is_ends_in_nothing() {
    let mut buffer = through();
    let place = buffer.len() - 44 - 8 - 12 - 4;
    for start in place..place + 8 {
        let mut changed = buffer.clone();
        changed[start..start + 4].fill(0xff);
        // Whatever it was, the answer comes at once and holds no more than the buffer.
        let answer = delegation_info(&changed);
        assert!(answer.is_none_or(|delegation| delegation.transited.len() <= 8));
    }
    buffer.clear();
    assert_eq!(delegation_info(&buffer), None);
}

proptest! {
    #[test]
    fn octets_of_any_kind_end_in_an_answer(octets in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut with_headers = through();
        with_headers.truncate(20);
        with_headers.extend(&octets);
        for buffer in [&octets, &with_headers] {
            prop_assert!(logon_info(buffer).is_none_or(|logon| logon.groups.len() < 300));
            prop_assert!(delegation_info(buffer).is_none_or(|d| d.transited.len() < 300));
            prop_assert!(upn_dns_info(buffer).is_none_or(|(upn, _)| upn.is_none_or(|u| u.len() < 900)));
        }
    }

    #[test]
    fn changed_buffers_end_in_an_answer(changes in prop::collection::vec((0_usize..488, any::<u8>()), 1..6)) {
        for (whole, kind) in [(logon(), 0), (names(), 1), (through(), 2)] {
            let mut buffer = whole;
            for (place, octet) in &changes {
                let place = place % buffer.len();
                buffer[place] = *octet;
            }
            match kind {
                0 => prop_assert!(logon_info(&buffer).is_none_or(|l| l.groups.len() < 200)),
                1 => prop_assert!(upn_dns_info(&buffer).is_none_or(|n| n.0.is_none_or(|u| u.len() < 900))),
                _ => prop_assert!(delegation_info(&buffer).is_none_or(|d| d.transited.len() < 200)),
            }
        }
    }
}
