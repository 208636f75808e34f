//! What a batch's entries come to, object by object. A log of changes can name an object several
//! times, and only their order says what it is in the end.

use std::collections::BTreeMap;

use connector::ImportEntry;
use model::{Changes, Image};

/// A partial change: the new DN, if it changed, and the attributes.
pub(super) type Part = (Option<String>, Changes);

/// What the entries say of one object, taken together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Latest {
    /// It is this.
    Whole(Image),
    /// It is what it was, with these changes.
    Changed(Vec<Part>),
    /// It went and came back in parts: only the connected system knows what it is now.
    Back,
    /// It is gone.
    Gone,
}

/// An entry that cannot be staged, by its DN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refused {
    /// It has no anchor.
    Unidentified(String),
    /// Another one had its anchor before.
    Duplicate(String),
}

/// Objects by anchor.
#[derive(Debug)]
pub(super) struct Gathered {
    objects: BTreeMap<String, Latest>,
    /// Every object is shown once, so a second entry stands for something else.
    once: bool,
}

impl Gathered {
    /// Nothing yet.
    pub(super) const fn new(once: bool) -> Self {
        Self { objects: BTreeMap::new(), once }
    }

    /// Takes the next entry.
    ///
    /// # Errors
    /// [`Refused`] for an object that nobody could tell from others.
    pub(super) fn take(&mut self, entry: ImportEntry) -> Result<(), Refused> {
        match entry {
            ImportEntry::Object(image) => {
                let Some(anchor) = image.anchor.clone() else {
                    return Err(Refused::Unidentified(image.dn));
                };
                if self.once && matches!(self.objects.get(&anchor), Some(Latest::Whole(_))) {
                    return Err(Refused::Duplicate(image.dn));
                }
                self.objects.insert(anchor, Latest::Whole(image));
            }
            ImportEntry::Deleted { anchor } => {
                self.objects.insert(anchor, Latest::Gone);
            }
            ImportEntry::Change { anchor, dn, changes } => {
                let latest =
                    self.objects.entry(anchor).or_insert_with(|| Latest::Changed(Vec::new()));
                match latest {
                    Latest::Whole(image) => apply(image, (dn, changes)),
                    Latest::Changed(parts) => parts.push((dn, changes)),
                    Latest::Gone => *latest = Latest::Back,
                    Latest::Back => {}
                }
            }
        }
        Ok(())
    }
}

impl IntoIterator for Gathered {
    type Item = (String, Latest);
    type IntoIter = std::collections::btree_map::IntoIter<String, Latest>;

    fn into_iter(self) -> Self::IntoIter {
        self.objects.into_iter()
    }
}

/// Applies a partial change.
pub(super) fn apply(image: &mut Image, (dn, changes): Part) {
    image.attributes.apply(&changes);
    if let Some(dn) = dn {
        image.dn = dn;
    }
}

#[cfg(test)]
mod tests {
    use model::{AttributeChange, Attributes, Name, Values};

    use super::*;

    fn whole(mail: &str) -> ImportEntry {
        let mut attributes = Attributes::new();
        attributes.set_one("mail", mail);
        let anchor = Some("1".to_owned());
        ImportEntry::Object(Image {
            object_type: Name::new("user"),
            anchor,
            dn: "1".to_owned(),
            attributes,
        })
    }

    fn change(mail: &str) -> ImportEntry {
        let set = AttributeChange::Set(Values::one(mail));
        let changes = Changes::from([(Name::new("mail"), set)]);
        ImportEntry::Change { anchor: "1".to_owned(), dn: None, changes }
    }

    fn gone() -> ImportEntry {
        ImportEntry::Deleted { anchor: "1".to_owned() }
    }

    #[track_caller]
    fn check(entries: Vec<ImportEntry>, expected: &str) {
        let mut gathered = Gathered::new(false);
        entries.into_iter().for_each(|entry| gathered.take(entry).unwrap());
        let words: Vec<String> = gathered
            .into_iter()
            .map(|(_, latest)| match latest {
                Latest::Whole(image) => image.attributes.text("mail").unwrap().to_owned(),
                Latest::Changed(parts) => format!("{} parts", parts.len()),
                Latest::Back => "back".to_owned(),
                Latest::Gone => "gone".to_owned(),
            })
            .collect();
        assert_eq!(words, [expected]);
    }

    #[test]
    fn the_order_of_entries_decides() {
        check(vec![change("a"), gone()], "gone");
        check(vec![gone(), change("a")], "back");
        check(vec![gone(), whole("a")], "a");
        check(vec![whole("a"), change("b")], "b");
        check(vec![change("b"), whole("a")], "a");
        check(vec![change("a"), change("b")], "2 parts");
        let ImportEntry::Object(mut nameless) = whole("a") else { panic!() };
        nameless.anchor = None;
        let refused = Gathered::new(false).take(ImportEntry::Object(nameless));
        assert_eq!(refused, Err(Refused::Unidentified("1".to_owned())));
    }

    #[test]
    fn where_every_object_is_shown_once_the_second_entry_is_refused() {
        let mut gathered = Gathered::new(true);
        let mut take = |entry| gathered.take(entry);
        assert_eq!(take(whole("a")), Ok(()));
        assert_eq!(take(whole("b")), Err(Refused::Duplicate("1".to_owned())));
        assert_eq!(take(gone()), Ok(()));
        assert_eq!(take(whole("c")), Ok(()));
    }
}
