//! Attributes whose contributors are equals: the last to write wins.
//!
//! Of each source the metaverse object keeps what it gave last, its share. A source writes when it
//! gives something else than that, or when it is visited by a full synchronization. Of an attribute
//! with one value the newest write stays. To one with several values a source adds what is new in its
//! share, and takes away what is no longer in it, whoever else gave that. Nobody is re-elected.

use std::collections::BTreeSet;

use model::{CsId, Name, Value, Values};
use store::{MvAttribute, Share};

use super::election::{Decision, Election, Offer};

/// Decides on every attribute of equal precedence.
pub(super) fn settle(election: &Election<'_>, decision: &mut Decision) {
    for name in election.object_type.precedence.keys() {
        if !election.object_type.is_equal(name) {
            continue;
        }
        let (attribute, shares) = settle_one(election, name);
        if let Some(attribute) = attribute {
            decision.attributes.insert(name.clone(), attribute);
        }
        if !shares.is_empty() {
            decision.shares.insert(name.clone(), shares);
        }
    }
}

fn settle_one(election: &Election<'_>, name: &Name) -> (Option<MvAttribute>, Vec<Share>) {
    let before = election.object.shares.get(name).map(Vec::as_slice).unwrap_or_default();
    let made: Vec<&Offer<'_>> =
        election.offers.made.iter().filter(|o| o.to == name && o.values.is_some()).collect();
    let share_of = |object: CsId, rule: &Name| {
        before.iter().find(|share| share.object == object && share.rule == *rule)
    };
    let ignored = |share: &&Share| {
        let flow = (name.clone(), share.object, share.rule.clone());
        election.offers.ignored.contains(&flow)
    };
    let mut after: Vec<Share> = before.iter().filter(ignored).cloned().collect();
    for offer in &made {
        let share = offer.values.clone().map(|values| Share {
            object: offer.object,
            rule: offer.rule.name.clone(),
            values,
        });
        after.extend(share);
    }
    after.sort_by(|a, b| (a.object, &a.rule).cmp(&(b.object, &b.rule)));
    let mut value = Held { election, now: election.object.attributes.get(name).cloned() };
    let several = election.object_type.attributes.get(name).is_some_and(|s| s.multi_valued);
    for share in before {
        let is_kept = after.iter().any(|a| a.object == share.object && a.rule == share.rule);
        if !is_kept {
            value.take_back(share, &after, several);
        }
    }
    // The source of this synchronization comes last, and of one object the strongest rule.
    let mut writes: Vec<&Offer<'_>> = made;
    writes.reverse();
    writes.sort_by_key(|offer| offer.object == election.draft.source);
    for offer in writes {
        let Some(values) = &offer.values else { continue };
        let earlier = share_of(offer.object, &offer.rule.name).map(|share| &share.values);
        let again = election.draft.moment.full && offer.object == election.draft.source;
        if earlier != Some(values) || again {
            value.write(offer, values, earlier, several);
        }
    }
    (value.now, after)
}

/// The value in the making.
struct Held<'a> {
    election: &'a Election<'a>,
    now: Option<MvAttribute>,
}

impl Held<'_> {
    /// A source gives nothing any more. One that was let go takes only what is its own.
    fn take_back(&mut self, share: &Share, after: &[Share], several: bool) {
        let Some(now) = &self.now else { return };
        let is_linked = self.election.linked.iter().any(|cs| cs.id == share.object);
        if !is_linked && !self.election.draft.recalls(share.object) {
            return;
        }
        if !several {
            let is_own = if is_linked {
                now.values == share.values
            } else {
                now.lineage.object == share.object && now.lineage.rule == share.rule
            };
            if is_own {
                self.now = None;
            }
            return;
        }
        let others: BTreeSet<&Value> =
            after.iter().filter(|_| !is_linked).flat_map(|share| share.values.iter()).collect();
        let goes = |value: &Value| share.values.contains(value) && !others.contains(value);
        let left = now.values.iter().filter(|value| !goes(value)).cloned().collect();
        let lineage = now.lineage.clone();
        self.now = Values::from_vec(left).map(|values| MvAttribute { values, lineage });
    }

    fn write(
        &mut self,
        offer: &Offer<'_>,
        values: &Values,
        earlier: Option<&Values>,
        several: bool,
    ) {
        let held = self.now.as_ref().map(|now| &now.values);
        let values = if several {
            let goes = |value: &&Value| {
                earlier.is_some_and(|earlier| earlier.contains(value)) && !values.contains(value)
            };
            let kept = held.into_iter().flatten().filter(|value| !goes(value));
            Values::from_vec(kept.chain(values).cloned().collect())
        } else {
            Some(values.clone())
        };
        let is_news = match (&self.now, &values) {
            (Some(now), Some(values)) if several => now.values != *values,
            (Some(now), Some(values)) => {
                let lineage = &now.lineage;
                let is_own = lineage.object == offer.object && lineage.rule == offer.rule.name;
                now.values != *values || !is_own
            }
            _ => true,
        };
        if is_news {
            let lineage = self.election.draft.lineage(offer.object, &offer.rule.name);
            self.now = values.map(|values| MvAttribute { values, lineage });
        }
    }
}
