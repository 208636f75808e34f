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
use crate::{Applies, Direction, LinkType, MergeType, OnAmbiguous, WhenOutOfScope};

/// One flow as written.
#[derive(Debug)]
pub(crate) struct FlowDocument {
    pub(crate) to: Spanned<Name>,
    pub(crate) from: Spanned<String>,
    /// The language of `from`: the flow's own or the rule's.
    pub(crate) dialect: Dialect,
    pub(crate) initial: bool,
    pub(crate) allow_null: bool,
    /// Where it is said that the flow disables.
    pub(crate) disables: Option<Spanned<bool>>,
    /// Compared instead of carried out.
    pub(crate) is_test: bool,
    pub(crate) merge: Option<Spanned<MergeType>>,
}

/// Attributes that have to be equal.
#[derive(Debug)]
pub(crate) struct PairDocument {
    pub(crate) metaverse: Spanned<Name>,
    pub(crate) object: Spanned<Name>,
    pub(crate) case_sensitive: bool,
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
    /// Groups of conditions, one of which must hold.
    pub(crate) scope: Vec<Vec<ConditionDocument>>,
    pub(crate) relationship: Vec<PairDocument>,
    pub(crate) on_ambiguous: OnAmbiguous,
    pub(crate) link: Option<Spanned<LinkType>>,
    pub(crate) creates: bool,
    /// Where `creates` is said.
    pub(crate) creates_place: Option<Range<usize>>,
    pub(crate) when_out_of_scope: WhenOutOfScope,
    /// Where that is said.
    pub(crate) out_of_scope_place: Option<Range<usize>>,
    pub(crate) applies: Applies,
    pub(crate) depends_on: Option<Spanned<Name>>,
    pub(crate) flows: Vec<FlowDocument>,
}

const DIRECTIONS: [(&str, Direction); 2] =
    [("inbound", Direction::Inbound), ("outbound", Direction::Outbound)];
/// The languages of expressions, by the words that `proxeny expr --dialect` takes.
const DIALECTS: [(&str, Dialect); 3] =
    [("mim", Dialect::Mim), ("entra", Dialect::Entra), ("entra-extended", Dialect::EntraExtended)];
const APPLIES: [(&str, Applies); 2] = [("filter", Applies::Filter), ("policy", Applies::Policy)];
const OUT_OF_SCOPE: [(&str, WhenOutOfScope); 4] = [
    ("leave", WhenOutOfScope::Leave),
    ("disable", WhenOutOfScope::Disable),
    ("disconnect", WhenOutOfScope::Disconnect),
    ("delete", WhenOutOfScope::Delete),
];
const ON_AMBIGUOUS: [(&str, OnAmbiguous); 3] = [
    ("continue", OnAmbiguous::Continue),
    ("block", OnAmbiguous::Block),
    ("error", OnAmbiguous::Error),
];

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
    let scope = condition::read_scope(&mut reader);
    let mut relationship = Vec::new();
    for mut table in reader.tables("relationship") {
        let pair = (self::name(&mut table, "metaverse"), self::name(&mut table, "object"));
        let case_sensitive = table.boolean("case_sensitive").unwrap_or_default();
        if let (Some(metaverse), Some(object)) = pair {
            relationship.push(PairDocument { metaverse, object, case_sensitive });
        }
        reader.absorb(table);
    }
    let creates = read_creates(&mut reader, direction.as_ref().map(|d| d.value));
    let on_ambiguous = reader.word("on_ambiguous", &ON_AMBIGUOUS);
    let (when_out_of_scope, out_of_scope_place) =
        read_out_of_scope(&mut reader, direction.as_ref().map(|d| d.value));
    let link = read_link(&mut reader, creates.as_ref(), out_of_scope_place.as_ref());
    let applies = read_applies(&mut reader, direction.as_ref().map(|d| d.value), &scope);
    let depends_on = read_dependency(&mut reader, direction.as_ref().map(|d| d.value));
    let dialect = reader.word("dialect", &DIALECTS).map_or(Dialect::Mim, |word| word.value);
    let mut flows = Vec::new();
    for table in reader.tables("flow") {
        flows.extend(read_flow(&mut reader, table, dialect, direction.as_ref().map(|d| d.value)));
    }
    let direction_word = direction.as_ref().map(|direction| direction.value);
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
        on_ambiguous: on_ambiguous.map(|word| word.value).unwrap_or_default(),
        creates: creates.as_ref().is_some_and(|creates| creates.value)
            || link.as_ref().is_some_and(|link| link.value == LinkType::Provision),
        creates_place: creates.map(|c| c.span).or_else(|| link.as_ref().map(|l| l.span.clone())),
        when_out_of_scope: link
            .as_ref()
            .map_or(when_out_of_scope, |link| out_of_scope_of(direction_word, link.value)),
        out_of_scope_place,
        link,
        applies,
        depends_on,
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

/// The link type says what the rule creates, and what becomes of what it let go.
fn read_link(
    reader: &mut Reader<'_>,
    creates: Option<&Spanned<bool>>,
    out_of_scope: Option<&Range<usize>>,
) -> Option<Spanned<LinkType>> {
    let link = reader.word("link", &LinkType::ALL)?;
    let others = [
        creates.map(|creates| (&creates.span, "creates objects")),
        out_of_scope.map(|place| (place, "lets objects go")),
    ];
    for (place, what) in others.into_iter().flatten() {
        let message = format!("`link` says already whether the rule {what}");
        let error = reader.file.error(code::EXCLUSIVE_KEYS, place.clone(), message);
        reader.report(error.with_help("keep one of the two".to_owned()));
    }
    Some(link)
}

/// In Entra Connect, what no rule links any more goes if it was provisioned.
fn out_of_scope_of(direction: Option<Direction>, link: LinkType) -> WhenOutOfScope {
    match (direction, link) {
        (Some(Direction::Outbound), LinkType::Provision) => WhenOutOfScope::Delete,
        (Some(Direction::Outbound), _) => WhenOutOfScope::Disconnect,
        _ => WhenOutOfScope::Leave,
    }
}

/// `disconnect_when_out_of_scope` as the guide has it, or `when_out_of_scope` with a word.
fn read_out_of_scope(
    reader: &mut Reader<'_>,
    direction: Option<Direction>,
) -> (WhenOutOfScope, Option<Range<usize>>) {
    let flag = read_flag(reader, "disconnect_when_out_of_scope");
    let word = reader.word("when_out_of_scope", &OUT_OF_SCOPE);
    let places = [word.as_ref().map(|w| w.span.clone()), flag.as_ref().map(|f| f.span.clone())];
    if direction == Some(Direction::Inbound) {
        for place in places.into_iter().flatten() {
            refuse_direction(reader, place, "outbound");
        }
        return (WhenOutOfScope::Leave, None);
    }
    let place = places.into_iter().flatten().next();
    let when = match (flag, word) {
        (Some(_), Some(word)) => {
            let message = "`when_out_of_scope` and `disconnect_when_out_of_scope` say the same";
            let error = reader.file.error(code::EXCLUSIVE_KEYS, word.span, message);
            reader.report(error.with_help("keep `when_out_of_scope`".to_owned()));
            word.value
        }
        (None, Some(word)) => word.value,
        (Some(flag), None) if flag.value => WhenOutOfScope::Disconnect,
        _ => WhenOutOfScope::Leave,
    };
    (when, place)
}

/// `applies` of an outbound rule; one that is applied by policy has no scope beside.
fn read_applies(
    reader: &mut Reader<'_>,
    direction: Option<Direction>,
    scope: &[Vec<ConditionDocument>],
) -> Applies {
    let Some(word) = reader.word("applies", &APPLIES) else { return Applies::Filter };
    if direction == Some(Direction::Inbound) {
        refuse_direction(reader, word.span, "outbound");
        return Applies::Filter;
    }
    if word.value == Applies::Policy && scope.iter().any(|group| !group.is_empty()) {
        let message = "a rule that policies apply has no `scope`";
        let error = reader.file.error(code::EXCLUSIVE_KEYS, word.span, message);
        let help = "let the policy choose the objects, or remove `applies`";
        reader.report(error.with_help(help.to_owned()));
    }
    word.value
}

/// `depends_on` of an outbound rule.
fn read_dependency(reader: &mut Reader<'_>, direction: Option<Direction>) -> Option<Spanned<Name>> {
    let text = reader.filled_text("depends_on")?;
    if direction == Some(Direction::Inbound) {
        refuse_direction(reader, text.span, "outbound");
        return None;
    }
    Some(Spanned { value: Name::new(text.value), span: text.span })
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
    let disables = read_flag(&mut table, "disables");
    let test = read_flag(&mut table, "existence_test");
    if direction == Some(Direction::Inbound) {
        // Towards the metaverse a source without value simply does not contribute.
        for flag in [&initial, &allow_null, &disables, &test].into_iter().flatten() {
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
    let is_test = direction != Some(Direction::Inbound) && test.is_some_and(|test| test.value);
    for flag in [&initial, &disables].into_iter().flatten().filter(|flag| is_test && flag.value) {
        let message = "a flow with `existence_test` is compared, never carried out";
        let error = table.file.error(code::EXCLUSIVE_KEYS, flag.span.clone(), message);
        table.report(error.with_help("remove one of the two keys".to_owned()));
    }
    let merge = table.word("merge", &MergeType::ALL);
    reader.absorb(table);
    let from = from?;
    let from = Spanned { value: from.value.to_owned(), span: from.span };
    let initial = initial.is_some_and(|initial| initial.value);
    let is_outbound = direction == Some(Direction::Outbound);
    let allow_null = (is_entra && is_outbound) || allow_null.is_some_and(|flag| flag.value);
    Some(FlowDocument { to: to?, from, dialect, initial, allow_null, disables, is_test, merge })
}
