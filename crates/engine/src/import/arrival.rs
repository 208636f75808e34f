//! A batch of images that are not as stored: which objects they are of, and what it does to others
//! that some of them arrive under new names.

use std::collections::{BTreeSet, HashMap};

use model::{CsId, Image};
use store::{Batch, CsObject, CsWrite, Parts};

use super::lookup::is_waiting;
use super::read::Import;
use super::renames::{Inherited, Renames};
use super::subtree::Moves;
use super::{blanking, stage};
use crate::error::StepError;

/// What the images of a batch mean for other objects.
struct Surroundings {
    /// Everything at the names where objects arrive.
    there: Vec<CsObject>,
    /// What others refer to under new names.
    renames: Renames,
    /// What goes along with renamed containers: the objects before and after.
    followed: Vec<(CsObject, CsObject)>,
    /// What gives up its name.
    displaced: Vec<CsObject>,
}

impl Import<'_, '_> {
    /// Stages images that are not as stored.
    pub(super) async fn stage_changed(
        &mut self,
        mut images: Vec<Image>,
        inherited: &Inherited,
        batch: &mut Batch,
    ) -> Result<(), StepError> {
        if images.is_empty() {
            return Ok(());
        }
        let known = self.load_known(&images).await?;
        let by_anchor: HashMap<&str, &CsObject> =
            known.iter().filter_map(|o| Some((o.anchor.as_deref()?, o))).collect();
        let around = self.look_around(&mut images, &by_anchor).await?;
        let Surroundings { there, renames, followed, displaced } = around;
        let waiting: Vec<&CsObject> = there.iter().filter(|o| is_waiting(o)).collect();
        let mut adopted: BTreeSet<CsId> = BTreeSet::new();
        let mut ids: BTreeSet<CsId> = BTreeSet::new();
        for mut image in images {
            let whole = is_whole(&image, inherited);
            if let Some(silent) = image.anchor.as_deref().and_then(|a| inherited.get(a)) {
                renames.in_image(&mut image, silent);
            }
            let dn_key = self.setup.dn_style.key(&image.dn);
            let known = image.anchor.as_deref().and_then(|a| by_anchor.get(a)).copied();
            let before = known.or_else(|| {
                let waiting = waiting.iter().find(|o| o.dn_key == dn_key).copied();
                waiting.filter(|o| adopted.insert(o.id))
            });
            if let Some(before) = before
                && self.holds_blanking
                && blanking::is_blanked(before, &image)
            {
                self.hold(before.id, image);
                continue;
            }
            let context = self.context();
            let staged = match before {
                Some(before) => {
                    let renamed = renames.in_object(before);
                    stage::stage_known(renamed.as_ref().unwrap_or(before), dn_key, image, context)
                }
                None => {
                    let id = self.run.ids.next(self.run.store, self.setup.id).await?;
                    stage::stage_new(id, dn_key, image, context)
                }
            };
            if let Some(object) = &staged.object {
                ids.insert(object.id);
                if whole {
                    self.whole.insert(object.id.sequence());
                }
            }
            self.take_staged(before, staged, batch);
        }
        let nameless = displaced.into_iter().map(|before| {
            let after = before.without_name();
            (before, after)
        });
        for (before, after) in nameless.chain(followed) {
            ids.insert(before.id);
            let after = renames.in_object(&after).unwrap_or(after);
            self.put_beside(&before, after, batch);
        }
        if renames.is_empty() { Ok(()) } else { self.follow(&renames, &ids, batch).await }
    }

    /// Finds the objects that the arrival of others changes. Images that do not speak of their names
    /// get those that renamed containers give them.
    async fn look_around(
        &self,
        images: &mut [Image],
        known: &HashMap<&str, &CsObject>,
    ) -> Result<Surroundings, StepError> {
        let style = self.setup.dn_style;
        let is_held = |b: &CsObject, i: &Image| self.holds_blanking && blanking::is_blanked(b, i);
        let taken: Vec<(&CsObject, &Image)> = images
            .iter()
            .filter_map(|image| {
                let before = *known.get(image.anchor.as_deref()?)?;
                (!is_held(before, image)).then_some((before, image))
            })
            .collect();
        let mut renames = Renames::of(taken.iter().copied(), style);
        let moves = Moves::of(taken.into_iter(), style);
        for image in images.iter_mut() {
            let is_silent = image.anchor.as_ref().is_some_and(|a| self.unnamed.contains(a));
            if let Some(dn) = moves.name(&image.dn).filter(|_| is_silent) {
                image.dn = dn;
            }
        }
        let mut settled: BTreeSet<CsId> = known.values().map(|object| object.id).collect();
        let followed = self.followed(&moves, &settled).await?;
        renames.extend(&followed);
        settled.extend(followed.iter().map(|(before, _)| before.id));
        // Where somebody arrives there may be somebody.
        let arrivals: BTreeSet<String> = images
            .iter()
            .filter_map(|image| {
                let key = style.key(&image.dn);
                let known = image.anchor.as_deref().and_then(|a| known.get(a));
                known.is_none_or(|known| known.dn_key != key).then_some(key)
            })
            .collect();
        let arrivals: Vec<String> = arrivals.into_iter().collect();
        let there = self.load_at(&arrivals).await?;
        let displaced = self.displaced(&there, images, &settled).await?;
        Ok(Surroundings { there, renames, followed, displaced })
    }

    /// Writes an object that the batch is not about.
    pub(super) fn put_beside(&mut self, before: &CsObject, after: CsObject, batch: &mut Batch) {
        self.note_key(&after);
        let parts = Parts::between(before, &after);
        if !parts.is_empty() {
            batch.cs.push(CsWrite::Update(after, parts));
        }
    }
}

/// True if the image says all of the object, not only what changed.
pub(super) fn is_whole(image: &Image, inherited: &Inherited) -> bool {
    !image.anchor.as_deref().is_some_and(|anchor| inherited.contains_key(anchor))
}
