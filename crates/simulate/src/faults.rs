//! What goes wrong in one run: of the connected system, of the store, and of the process itself.

use std::fmt;

use connector::ErrorKind;

use crate::dice::Dice;

/// The faults of one run. Numbers count from zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Faults {
    /// The connection cannot be made.
    pub(crate) closed: Option<ErrorKind>,
    /// Reading this page fails.
    pub(crate) broken_page: Option<usize>,
    /// The read says after this page that it is not complete.
    pub(crate) incomplete_after: Option<usize>,
    /// This entry cannot be read.
    pub(crate) unreadable: Option<usize>,
    /// Every page shows the objects of the one before again.
    pub(crate) repeats: bool,
    /// This operation is refused.
    pub(crate) refused: Option<usize>,
    /// The answer to this operation is lost; whether it was carried out.
    pub(crate) lost: Option<(usize, bool)>,
    /// This commit fails; whether it was written all the same.
    pub(crate) commit: Option<(usize, bool)>,
    /// The process dies where it waits for this time.
    pub(crate) death: Option<usize>,
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(kind) = self.closed {
            write!(f, ", which finds the system closed ({kind:?})")?;
        }
        if let Some(page) = self.broken_page {
            write!(f, ", whose page {page} cannot be read")?;
        }
        if let Some(page) = self.incomplete_after {
            write!(f, ", which is incomplete after page {page}")?;
        }
        if let Some(entry) = self.unreadable {
            write!(f, ", whose entry {entry} cannot be read")?;
        }
        if self.repeats {
            f.write_str(", which sees objects twice")?;
        }
        if let Some(operation) = self.refused {
            write!(f, ", whose operation {operation} is refused")?;
        }
        if let Some((operation, carried_out)) = self.lost {
            let how = if carried_out { "carried out" } else { "not carried out" };
            write!(f, ", the answer to whose operation {operation} is lost ({how})")?;
        }
        if let Some((commit, written)) = self.commit {
            let how = if written { "written" } else { "not written" };
            write!(f, ", whose commit {commit} fails ({how})")?;
        }
        match self.death {
            Some(wait) => write!(f, ", whose process dies at wait {wait}"),
            None => Ok(()),
        }
    }
}

/// Which faults a simulation has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weather {
    /// None.
    Fair,
    /// The process dies, and another one resumes the run at once.
    Deaths,
    /// Everything.
    Foul,
}

impl Faults {
    /// Faults for a run of a profile in the weather.
    pub(crate) fn draw(dice: &mut Dice, profile: &str, weather: Weather) -> Self {
        let calm = match weather {
            Weather::Fair => 100,
            Weather::Deaths => 60,
            Weather::Foul => 35,
        };
        if dice.chance(calm) {
            return Self::default();
        }
        let death = Some(dice.number(if profile.ends_with("sync") { 8 } else { 12 }));
        let dies = Self { death, ..Self::default() };
        if weather == Weather::Deaths || dice.chance(30) {
            return dies;
        }
        if dice.chance(15) {
            return Self { commit: Some((dice.number(4), dice.chance(40))), ..Self::default() };
        }
        match profile {
            "full-import" | "delta-import" => Self::of_import(dice),
            "export" => Self::of_export(dice),
            _ => dies,
        }
    }

    fn closed(dice: &mut Dice) -> Self {
        let kinds = [ErrorKind::Credentials, ErrorKind::Connection, ErrorKind::Permission];
        Self { closed: dice.one_of(&kinds).copied(), ..Self::default() }
    }

    fn of_import(dice: &mut Dice) -> Self {
        let (page, entry, calm) = (dice.number(3), dice.number(6), Self::default());
        match dice.number(10) {
            0 => Self::closed(dice),
            1 | 2 => Self { broken_page: Some(page), ..calm },
            3 | 4 | 9 => Self { incomplete_after: Some(page), ..calm },
            5 | 6 => Self { unreadable: Some(entry), ..calm },
            _ => Self { repeats: true, ..calm },
        }
    }

    fn of_export(dice: &mut Dice) -> Self {
        let (operation, calm) = (dice.number(3), Self::default());
        match dice.number(7) {
            0 => Self::closed(dice),
            1..4 => Self { refused: Some(operation), ..calm },
            _ => Self { lost: Some((operation, dice.chance(60))), ..calm },
        }
    }

    /// Without the deaths.
    pub(crate) const fn survived(self) -> Self {
        Self { death: None, ..self }
    }
}
