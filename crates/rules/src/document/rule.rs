//! `rules/NAME.toml`, and the same text where it comes out of the metaverse: one synchronization
//! rule.

use std::ops::Range;

use expr::Dialect;
use model::Name;

use super::condition::{self, ConditionDocument};
use crate::code;
use crate::diagnostic::{Diagnostic, File};
use crate::node::{Node, Spanned};
use crate::reader::Reader;
use crate::{Direction, MergeType, WhenOutOfScope};

/// One flow as written.
#[derive(Debug)]
pub(crate) struct FlowDocument {
    pub(crate) to: Spanned<Name>,
    pub(crate) from: Spanned<String>,
    /// The language of `from`: the flow's own or the rule's.
    pub(crate) dialect: Dialect,
    pub(crate) initial: bool,
    pub(crate) allow_null: bool,
    pub(crate) merge: Option<Spanned<MergeType>>,
}

/// The document.
#[derive(Debug)]
pub(crate) struct RuleDocument<'a> {
    pub(crate) file: File<'a>,
    pub(crate) name: Spanned<Name>,
    pub(crate) direction: Direction,
    pub(crate) connector: Spanned<Name>,
    pub(crate) object: Spanned<Name>,
    pub(crate) metaverse: Spanned<Name>,
    pub(crate) precedence: Spanned<u32>,
    pub(crate) scope: Vec<ConditionDocument>,
    /// Metaverse attribute and connector-space attribute.
    pub(crate) relationship: Vec<(Spanned<Name>, Spanned<Name>)>,
    pub(crate) creates: bool,
    /// Where `creates` is said.
    pub(crate) creates_place: Option<Range<usize>>,
    pub(crate) when_out_of_scope: WhenOutOfScope,
    pub(crate) flows: Vec<FlowDocument>,
}

const DIRECTIONS: [(&str, Direction); 2] =
    [("inbound", Direction::Inbound), ("outbound", Direction::Outbound)];
/// The languages of expressions, by the words that `proxeny expr --dialect` takes.
const DIALECTS: [(&str, Dialect); 3] =
    [("mim", Dialect::Mim), ("entra", Dialect::Entra), ("entra-extended", Dialect::EntraExtended)];
const OUT_OF_SCOPE: [(&str, WhenOutOfScope); 2] =
    [("leave", WhenOutOfScope::Leave), ("disconnect", WhenOutOfScope::Disconnect)];

/// Reads the document; `None` if it lacks what a rule cannot be checked without.
pub(super) fn read<'a>(
    file: File<'a>,
    root: &Node,
    found: &mut Vec<Diagnostic>,
) -> Option<RuleDocument<'a>> {
    let mut reader = Reader::root(file, root);
    let name = name(&mut reader, "name");
    reader.text("description");
    let direction = reader.required_word("direction", &DIRECTIONS);
    let connector = self::name(&mut reader, "connector");
    let object = self::name(&mut reader, "object");
    let metaverse = self::name(&mut reader, "metaverse");
    let precedence = reader.required_number("precedence", 1..=u32::MAX);
    let scope = condition::read(&mut reader, "scope");
    let mut relationship = Vec::new();
    for mut table in reader.tables("relationship") {
        let pair = (self::name(&mut table, "metaverse"), self::name(&mut table, "object"));
        if let (Some(metaverse), Some(object)) = pair {
            relationship.push((metaverse, object));
        }
        reader.absorb(table);
    }
    let creates = read_creates(&mut reader, direction.as_ref().map(|d| d.value));
    let when_out_of_scope = read_out_of_scope(&mut reader, direction.as_ref().map(|d| d.value));
    let dialect = reader.word("dialect", &DIALECTS).map_or(Dialect::Mim, |word| word.value);
    let mut flows = Vec::new();
    for table in reader.tables("flow") {
        flows.extend(read_flow(&mut reader, table, dialect, direction.as_ref().map(|d| d.value)));
    }
    reader.finish(found);
    Some(RuleDocument {
        file,
        name: name?,
        direction: direction?.value,
        connector: connector?,
        object: object?,
        metaverse: metaverse?,
        precedence: precedence?,
        scope,
        relationship,
        creates: creates.as_ref().is_some_and(|creates| creates.value),
        creates_place: creates.map(|creates| creates.span),
        when_out_of_scope,
        flows,
    })
}

fn name(reader: &mut Reader<'_>, key: &'static str) -> Option<Spanned<Name>> {
    let text = reader.required_text(key)?;
    Some(Spanned { value: Name::new(text.value), span: text.span })
}

/// `create_in_metaverse` of an inbound rule or `create_in_connected_system` of an outbound one.
fn read_creates(reader: &mut Reader<'_>, direction: Option<Direction>) -> Option<Spanned<bool>> {
    let inbound = read_flag(reader, "create_in_metaverse");
    let outbound = read_flag(reader, "create_in_connected_system");
    let (own, other) = match direction? {
        Direction::Inbound => (inbound, outbound.map(|o| (o, "outbound"))),
        Direction::Outbound => (outbound, inbound.map(|i| (i, "inbound"))),
    };
    if let Some((other, direction)) = other {
        refuse_direction(reader, other.span, direction);
    }
    own
}

fn read_flag(reader: &mut Reader<'_>, key: &'static str) -> Option<Spanned<bool>> {
    let value = reader.boolean(key)?;
    let span = reader.entry(key)?.span();
    Some(Spanned { value, span })
}

fn refuse_direction(reader: &mut Reader<'_>, place: Range<usize>, direction: &str) {
    let message = format!("only {direction} rules have this key");
    reader.report(reader.file.error(code::DIRECTION, place, message));
}

/// `disconnect_when_out_of_scope` as the guide has it, or `when_out_of_scope` with a word.
fn read_out_of_scope(reader: &mut Reader<'_>, direction: Option<Direction>) -> WhenOutOfScope {
    let flag = read_flag(reader, "disconnect_when_out_of_scope");
    let word = reader.word("when_out_of_scope", &OUT_OF_SCOPE);
    if direction == Some(Direction::Inbound) {
        let places = [flag.as_ref().map(|f| f.span.clone()), word.as_ref().map(|w| w.span.clone())];
        for place in places.into_iter().flatten() {
            refuse_direction(reader, place, "outbound");
        }
        return WhenOutOfScope::Leave;
    }
    match (flag, word) {
        (Some(_), Some(word)) => {
            let message = "`when_out_of_scope` and `disconnect_when_out_of_scope` say the same";
            let error = reader.file.error(code::EXCLUSIVE_KEYS, word.span, message);
            reader.report(error.with_help("keep `when_out_of_scope`".to_owned()));
            word.value
        }
        (None, Some(word)) => word.value,
        (Some(flag), None) if flag.value => WhenOutOfScope::Disconnect,
        _ => WhenOutOfScope::Leave,
    }
}

fn read_flow<'a>(
    reader: &mut Reader<'a>,
    mut table: Reader<'a>,
    dialect: Dialect,
    direction: Option<Direction>,
) -> Option<FlowDocument> {
    let to = name(&mut table, "to");
    let from = table.required_text("from");
    let dialect = table.word("dialect", &DIALECTS).map_or(dialect, |word| word.value);
    let initial = read_flag(&mut table, "initial");
    let allow_null = read_flag(&mut table, "allow_null");
    if direction == Some(Direction::Inbound) {
        // Towards the metaverse a source without value simply does not contribute.
        for flag in [&initial, &allow_null].into_iter().flatten() {
            refuse_direction(&mut table, flag.span.clone(), "outbound");
        }
    }
    let is_entra = dialect != Dialect::Mim;
    if let Some(flag) = allow_null.as_ref().filter(|flag| is_entra && !flag.value) {
        let message = "an Entra expression without a value always clears the attribute";
        let error = table.file.error(code::EXCLUSIVE_KEYS, flag.span.clone(), message);
        let help = "remove `allow_null`; the result `IgnoreThisFlow` leaves the attribute alone";
        table.report(error.with_help(help.to_owned()));
    }
    let merge = table.word("merge", &MergeType::ALL);
    reader.absorb(table);
    let from = from?;
    let from = Spanned { value: from.value.to_owned(), span: from.span };
    let initial = initial.is_some_and(|initial| initial.value);
    let is_outbound = direction == Some(Direction::Outbound);
    let allow_null = (is_entra && is_outbound) || allow_null.is_some_and(|flag| flag.value);
    Some(FlowDocument { to: to?, from, dialect, initial, allow_null, merge })
}
