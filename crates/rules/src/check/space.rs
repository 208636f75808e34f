//! The attributes that one side of a rule can name.

use model::{AttributeSchema, Name, ObjectSchema, ValueType};

use crate::similar::{closest, list};
use crate::source::{METAVERSE_FILE, connector_file};

/// The name of a connector-space object.
pub(crate) const DN: &str = "dn";
/// The identity of a metaverse object.
pub(crate) const OBJECT_ID: &str = "object-id";

/// Which side it is.
#[derive(Debug, Clone)]
pub(crate) enum Side {
    ConnectorSpace { connector: Name, object: Name },
    Metaverse { object: Name },
}

/// The attributes of one object type on one side.
#[derive(Debug, Clone)]
pub(crate) struct Space<'a> {
    pub(crate) side: Side,
    /// `None` when the schema is not known: then every name will do.
    pub(crate) schema: Option<&'a ObjectSchema>,
}

/// What is known of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lookup {
    Found(AttributeSchema),
    Missing,
    /// The schema is not known.
    Unchecked,
}

impl Lookup {
    pub(crate) const fn found(self) -> Option<AttributeSchema> {
        match self {
            Self::Found(schema) => Some(schema),
            Self::Missing | Self::Unchecked => None,
        }
    }
}

impl Space<'_> {
    /// The attribute every object has.
    pub(crate) const fn intrinsic(&self) -> &'static str {
        match self.side {
            Side::ConnectorSpace { .. } => DN,
            Side::Metaverse { .. } => OBJECT_ID,
        }
    }

    /// What is known of `name`.
    pub(crate) fn find(&self, name: &str) -> Lookup {
        let own = self.schema.and_then(|schema| schema.get(name));
        match (own, self.schema) {
            (Some(attribute), _) => Lookup::Found(*attribute),
            _ if name == self.intrinsic() => Lookup::Found(self.intrinsic_schema()),
            (None, Some(_)) => Lookup::Missing,
            (None, None) => Lookup::Unchecked,
        }
    }

    const fn intrinsic_schema(&self) -> AttributeSchema {
        let schema = AttributeSchema::single(ValueType::String);
        match self.side {
            Side::ConnectorSpace { .. } => schema,
            Side::Metaverse { .. } => schema.read_only(),
        }
    }

    /// What is wrong with a name that was not found.
    pub(crate) fn missing(&self, name: &str) -> String {
        match &self.side {
            Side::ConnectorSpace { connector, object } => {
                format!("`{name}` is not selected for `{object}` of connector `{connector}`")
            }
            Side::Metaverse { object } => {
                format!("the metaverse type `{object}` has no attribute `{name}`")
            }
        }
    }

    /// What to do about a name that was not found.
    pub(crate) fn advice(&self, name: &str) -> String {
        let add = match &self.side {
            Side::ConnectorSpace { connector, object } => {
                let file = connector_file(connector);
                format!("add `{name}` to `attributes` of [objects.{object}] in {file}")
            }
            Side::Metaverse { object } => {
                format!("add `{name}` to [types.{object}.attributes] in {METAVERSE_FILE}")
            }
        };
        match closest(name, expr::Names::suggest(self)) {
            Some(meant) => format!("did you mean `{meant}`? If not, {add}"),
            None => add,
        }
    }
}

impl expr::Names for Space<'_> {
    fn is_attribute(&self, name: &str) -> bool {
        matches!(self.find(name), Lookup::Found(_))
    }

    fn suggest(&self) -> Vec<&str> {
        let own = self.schema.into_iter().flat_map(|schema| schema.keys()).map(Name::as_str);
        own.chain([self.intrinsic()]).collect()
    }
}

/// Advice for the name of a thing that is none of those there are.
pub(crate) fn advice_of(name: &str, known: &[&str], where_to_add: String) -> String {
    match closest(name, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if known.is_empty() => where_to_add,
        None => format!("known: {}; {where_to_add}", list(known)),
    }
}
