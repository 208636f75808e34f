//! Attributes that hold the values of all contributors.
//!
//! Of each flow the metaverse object keeps what it gave, its share, for what stays without being
//! given again: the share of a flow that is ignored, and that of an object whose connector does not
//! recall. The source of the whole is the strongest contributor.

use model::Name;
use rules::MergeType;
use store::{MvAttribute, Share};

use super::election::{Decision, Election};

/// Decides on every attribute whose flows merge.
pub(super) fn settle(election: &Election<'_>, decision: &mut Decision) {
    let object_type = &election.object.object_type;
    for (name, merge) in election.draft.policy.rules.merged(object_type) {
        if election.object_type.is_equal(name) {
            continue;
        }
        let (attribute, shares) = settle_one(election, name, merge);
        if let Some(attribute) = attribute {
            decision.attributes.insert(name.clone(), attribute);
        }
        if !shares.is_empty() {
            decision.shares.insert(name.clone(), shares);
        }
    }
}

/// The values of one attribute, and what each flow gives of them.
fn settle_one(
    election: &Election<'_>,
    name: &Name,
    merge: MergeType,
) -> (Option<MvAttribute>, Vec<Share>) {
    let made = || election.offers.made.iter().filter(|offer| offer.to == name);
    let rank = |rule: &Name| {
        let rule = election.draft.policy.rules.get(rule);
        // What a rule gave that is no longer there comes last.
        let rank = rule.map(|rule| election.object_type.rank(name, rule));
        (rank.is_none(), rank)
    };
    // Whoever says that there is no value silences those below.
    let silence = made().find(|offer| offer.values.is_none()).map(|offer| rank(&offer.rule.name));
    let mut shares: Vec<Share> = Vec::new();
    for offer in made() {
        let share = |values| Share { object: offer.object, rule: offer.rule.name.clone(), values };
        shares.extend(offer.values.clone().map(share));
    }
    let before = election.object.shares.get(name).into_iter().flatten();
    shares.extend(before.filter(|share| election.remains(name, share)).cloned());
    shares.retain(|share| silence.is_none_or(|silence| rank(&share.rule) < silence));
    shares.sort_by_key(|share| (rank(&share.rule), share.object));
    let values = merge.join(shares.iter().flat_map(|share| share.values.iter()));
    let attribute = values
        .zip(shares.first())
        .map(|(values, first)| election.attribute(name, values, (first.object, &first.rule)));
    shares.sort_by(|a, b| (a.object, &a.rule).cmp(&(b.object, &b.rule)));
    (attribute, shares)
}
