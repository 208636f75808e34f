//! What the KDC says about a client in the ticket's privilege attribute certificate ([MS-PAC]).
//!
//! The library has checked the signature by the service's key before it hands out the buffers.
//! They are decoded here without trust in their lengths: a buffer that is not whole is no PAC.

mod ndr;

use model::Sid;

use crate::handle::Name;
use ndr::Ndr;

/// The client as the directory knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pac {
    /// The account's SID, `objectSid`.
    pub sid: Sid,
    /// The account's name, `sAMAccountName`.
    pub account: String,
    /// The user principal name, or the one implied by account and domain.
    pub upn: Option<String>,
    /// The domain's DNS name, as the KDC spells it.
    pub dns_domain: Option<String>,
    /// The domain's NetBIOS name.
    pub netbios_domain: Option<String>,
    /// The groups, primary group included, each once.
    pub groups: Vec<Sid>,
    /// Through whom the client came; `None` when it came by itself.
    pub delegation: Option<Delegation>,
}

/// Proof of constrained delegation ([MS-PAC] 2.9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegation {
    /// The service that the ticket is for, e.g. `HTTP/portal.contoso.com`.
    pub target: String,
    /// The services that acted for the client, first to last, e.g. `gatewaysvc@CONTOSO.COM`.
    pub transited: Vec<String>,
}

/// The PAC that came with a client's ticket.
pub(crate) fn of(client: &Name) -> Option<Pac> {
    let logon = logon_info(&client.attribute("urn:mspac:logon-info")?)?;
    let names = client.attribute("urn:mspac:upn-dns-info");
    let names = names.and_then(|buffer| upn_dns_info(&buffer));
    let (upn, dns_domain) = names.unwrap_or_default();
    let delegation = match client.attribute("urn:mspac:delegation-info") {
        Some(buffer) => Some(delegation_info(&buffer)?),
        None => None,
    };
    Some(Pac {
        sid: logon.sid,
        account: logon.account,
        upn,
        dns_domain,
        netbios_domain: logon.netbios_domain,
        groups: logon.groups,
        delegation,
    })
}

#[derive(Debug, PartialEq, Eq)]
struct LogonInfo {
    sid: Sid,
    account: String,
    netbios_domain: Option<String>,
    groups: Vec<Sid>,
}

/// `KERB_VALIDATION_INFO` ([MS-PAC] 2.5).
fn logon_info(buffer: &[u8]) -> Option<LogonInfo> {
    let mut ndr = Ndr::open(buffer)?;
    ndr.skip(6 * 8)?; // times
    let account = ndr.string_pointer()?;
    let mut others = Vec::new();
    for _full_name_script_profile_home_drive in 0..5 {
        others.push(ndr.string_pointer()?);
    }
    ndr.skip(2 * 2)?; // counts of logons and of wrong passwords
    let user = ndr.u32()?;
    let primary_group = ndr.u32()?;
    let group_count = ndr.u32()?;
    let has_groups = ndr.pointer()?;
    ndr.skip(4 + 16)?; // flags, session key
    let server = ndr.string_pointer()?;
    let domain = ndr.string_pointer()?;
    let has_domain_sid = ndr.pointer()?;
    ndr.skip(2 * 4 + 4 + 4 + 2 * 8 + 4 + 4)?; // reserved, account control, last logons, reserved
    let extra_count = ndr.u32()?;
    let has_extra = ndr.pointer()?;
    let has_resource_domain = ndr.pointer()?;
    let resource_count = ndr.u32()?;
    let has_resources = ndr.pointer()?;

    // What the pointers lead to follows in their order.
    let account = ndr.string(account)?.unwrap_or_default();
    for other in others {
        ndr.string(other)?;
    }
    let rids = if has_groups { ndr.rids(group_count)? } else { Vec::new() };
    ndr.string(server)?;
    let netbios_domain = ndr.string(domain)?.filter(|name| !name.is_empty());
    let domain_sid = if has_domain_sid { Some(ndr.sid()?) } else { None };
    let extra = if has_extra { ndr.sids(extra_count)? } else { Vec::new() };
    let resource_domain = if has_resource_domain { Some(ndr.sid()?) } else { None };
    let resources = if has_resources { ndr.rids(resource_count)? } else { Vec::new() };

    let in_domain = |rid: u32| domain_sid.as_ref()?.with_rid(rid);
    // An account that does not fit the domain's numbers has its SID among the extra ones.
    let sid = if user == 0 { extra.first().cloned()? } else { in_domain(user)? };
    let mut groups = Vec::new();
    let in_resources = |rid: u32| resource_domain.as_ref()?.with_rid(rid);
    let by_rid = std::iter::once(primary_group).chain(rids).filter_map(in_domain);
    let all = by_rid.chain(extra).chain(resources.into_iter().filter_map(in_resources));
    for group in all {
        if group != sid && !groups.contains(&group) {
            groups.push(group);
        }
    }
    Some(LogonInfo { sid, account, netbios_domain, groups })
}

/// `UPN_DNS_INFO` ([MS-PAC] 2.10): user principal name and DNS name of the domain.
fn upn_dns_info(buffer: &[u8]) -> Option<(Option<String>, Option<String>)> {
    let number = |place: usize| {
        let octets = buffer.get(place..place.checked_add(2)?)?;
        Some(usize::from(u16::from_le_bytes(octets.try_into().ok()?)))
    };
    let text = |place: usize| {
        let (length, offset) = (number(place)?, number(place + 2)?);
        let octets = buffer.get(offset..offset.checked_add(length)?)?;
        ndr::utf16(octets)
    };
    let present = |text: String| (!text.is_empty()).then_some(text);
    Some((text(0).and_then(present), text(4).and_then(present)))
}

/// `S4U_DELEGATION_INFO` ([MS-PAC] 2.9).
fn delegation_info(buffer: &[u8]) -> Option<Delegation> {
    let mut ndr = Ndr::open(buffer)?;
    let target = ndr.string_pointer()?;
    let _count = ndr.u32()?;
    let has_transited = ndr.pointer()?;
    let target = ndr.string(target)?.unwrap_or_default();
    let transited = if has_transited { ndr.strings()? } else { Vec::new() };
    Some(Delegation { target, transited })
}

#[cfg(test)]
mod tests;
