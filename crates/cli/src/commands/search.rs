//! Which objects of a connector space a search finds, and the numbers of a space by state.

use engine::ConnectorSetup;
use model::DnStyle;
use store::{
    ConnectorKind, CsObject, CsState, DisconnectorKind, ImportOperation, Scope, Store,
    WriteOperation,
};

use crate::failure::Failure;
use crate::search_args::{self, CsFilter, CsSearch, Operation};

const PAGE: usize = 1_000;

/// The objects of a connector space that a search wants, in order of arrival.
pub(super) async fn search(
    store: &dyn Store,
    connector: &ConnectorSetup,
    wanted: &CsSearch,
) -> Result<Vec<CsObject>, Failure> {
    let wanted = Wanted::of(wanted, connector.dn_style);
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = store.page_cs(connector.id, after, PAGE, Scope::All).await?;
        let Some(last) = page.last() else { return Ok(found) };
        after = Some(last.id);
        for object in page {
            if found.len() == wanted.asked.limit.get() {
                return Ok(found);
            }
            if wanted.is(&object) {
                found.push(object);
            }
        }
    }
}

/// What an object has to be.
struct Wanted<'a> {
    asked: &'a CsSearch,
    text: Option<String>,
    dn: Option<String>,
    under: Option<String>,
    anchor: Option<String>,
}

impl<'a> Wanted<'a> {
    fn of(asked: &'a CsSearch, style: DnStyle) -> Self {
        let key = |dn: &Option<String>| dn.as_ref().map(|dn| style.key(dn));
        Self {
            asked,
            text: asked.text.as_ref().map(|text| text.to_lowercase()),
            dn: key(&asked.dn),
            under: key(&asked.under),
            anchor: asked.anchor.as_ref().map(|anchor| anchor.to_lowercase()),
        }
    }

    fn is(&self, object: &CsObject) -> bool {
        let asked = self.asked;
        let (failed_in, failed_out) =
            (object.import_error.is_some(), object.export.error.is_some());
        let is_under = |key: &String| {
            object.dn_key == *key || model::keys_above(&object.dn_key).any(|above| above == key)
        };
        let anchor = object.anchor.as_ref().map(|anchor| anchor.to_lowercase());
        (failed_in || failed_out || !asked.errors)
            && (failed_in || !asked.import_error)
            && (failed_out || !asked.export_error)
            && self.dn.as_ref().is_none_or(|key| object.dn_key == *key)
            && self.under.as_ref().is_none_or(is_under)
            && (self.anchor.is_none() || self.anchor == anchor)
            && asked.pending_import.is_none_or(|wanted| imports(object) == Some(wanted))
            && asked.pending_export.is_none_or(|wanted| exports(object) == Some(wanted))
            && asked.connectors.is_none_or(|kind| is_connector(object, kind))
            && asked.disconnectors.is_none_or(|kind| is_disconnector(object, kind))
            && (object.state == CsState::Placeholder || !asked.placeholder)
            && (object.is_transient() || !asked.transient)
            && asked.state.is_none_or(|state| is_in(object, state))
            && self.text.as_ref().is_none_or(|text| contains(object, text))
    }
}

/// What an import has staged.
fn imports(object: &CsObject) -> Option<Operation> {
    Some(match object.pending_import.as_ref()?.operation {
        ImportOperation::Add => Operation::Add,
        ImportOperation::Update => Operation::Modify,
        ImportOperation::Delete => Operation::Delete,
        ImportOperation::DeleteAdd => Operation::DeleteAdd,
    })
}

/// What the next export would send.
fn exports(object: &CsObject) -> Option<Operation> {
    let delta = object.export.pending.as_ref().or(object.export.escrow.as_ref())?;
    Some(match delta.operation {
        WriteOperation::Add => Operation::Add,
        WriteOperation::Update => Operation::Modify,
        WriteOperation::Delete => Operation::Delete,
    })
}

fn is_connector(object: &CsObject, wanted: search_args::ConnectorKind) -> bool {
    let CsState::Connector { kind, .. } = object.state else { return false };
    match wanted {
        search_args::ConnectorKind::Normal => kind == ConnectorKind::Normal,
        search_args::ConnectorKind::Explicit => kind == ConnectorKind::Explicit,
    }
}

fn is_disconnector(object: &CsObject, wanted: search_args::DisconnectorKind) -> bool {
    let kind = match wanted {
        search_args::DisconnectorKind::Normal => DisconnectorKind::Normal,
        search_args::DisconnectorKind::Explicit => DisconnectorKind::Explicit,
        search_args::DisconnectorKind::Filtered => DisconnectorKind::Filtered,
    };
    object.state == CsState::Disconnector(kind)
}

fn is_in(object: &CsObject, filter: CsFilter) -> bool {
    match filter {
        CsFilter::Connector => matches!(object.state, CsState::Connector { .. }),
        CsFilter::Disconnector => matches!(object.state, CsState::Disconnector(_)),
        CsFilter::Filtered => object.state == CsState::Disconnector(DisconnectorKind::Filtered),
        CsFilter::Explicit => object.state == CsState::Disconnector(DisconnectorKind::Explicit),
        CsFilter::Placeholder => object.state == CsState::Placeholder,
        CsFilter::PendingImport => object.pending_import.is_some(),
        CsFilter::PendingExport => {
            object.export.pending.is_some() || object.export.escrow.is_some()
        }
        CsFilter::Unconfirmed => object.export.unconfirmed.is_some(),
    }
}

fn contains(object: &CsObject, text: &str) -> bool {
    let holds = |value: &str| value.to_lowercase().contains(text);
    holds(&object.dn)
        || object.anchor.as_deref().is_some_and(holds)
        || object
            .imported
            .iter()
            .flat_map(|a| a.iter())
            .any(|(_, values)| values.iter().any(|value| holds(&value.to_string())))
}

/// The names of [`statistics`], in their order.
pub(super) const STATISTICS: [&str; 21] = [
    "total",
    "connectors",
    "normal connectors",
    "explicit connectors",
    "disconnectors",
    "normal disconnectors",
    "explicit disconnectors",
    "filtered disconnectors",
    "placeholders",
    "transients",
    "import add",
    "import modify",
    "import delete",
    "import delete-add",
    "import none",
    "export add",
    "export modify",
    "export delete",
    "awaiting confirmation",
    "import errors",
    "export errors",
];

/// The numbers of a connector space, object by object. Placeholders count in no other number.
pub(super) async fn statistics(
    store: &dyn Store,
    connector: &ConnectorSetup,
) -> Result<[u64; 21], Failure> {
    let mut numbers = [0; 21];
    let mut after = None;
    loop {
        let page = store.page_cs(connector.id, after, PAGE, Scope::All).await?;
        let Some(last) = page.last() else { return Ok(numbers) };
        after = Some(last.id);
        for object in &page {
            for (number, counts) in numbers.iter_mut().zip(counted(object)) {
                *number += u64::from(counts);
            }
        }
    }
}

/// In which of the numbers an object counts.
fn counted(object: &CsObject) -> [bool; 21] {
    use search_args::{ConnectorKind as Link, DisconnectorKind as Apart};
    let is_placeholder = object.state == CsState::Placeholder;
    if is_placeholder {
        let mut only = [false; 21];
        for (counts, name) in only.iter_mut().zip(STATISTICS) {
            *counts = name == "placeholders";
        }
        return only;
    }
    let import = imports(object);
    let export = exports(object);
    [
        true,
        matches!(object.state, CsState::Connector { .. }),
        is_connector(object, Link::Normal),
        is_connector(object, Link::Explicit),
        matches!(object.state, CsState::Disconnector(_)),
        is_disconnector(object, Apart::Normal),
        is_disconnector(object, Apart::Explicit),
        is_disconnector(object, Apart::Filtered),
        false,
        object.is_transient(),
        import == Some(Operation::Add),
        import == Some(Operation::Modify),
        import == Some(Operation::Delete),
        import == Some(Operation::DeleteAdd),
        import.is_none(),
        export == Some(Operation::Add),
        export == Some(Operation::Modify),
        export == Some(Operation::Delete),
        object.export.unconfirmed.is_some(),
        object.import_error.is_some(),
        object.export.error.is_some(),
    ]
}
