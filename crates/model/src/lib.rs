//! Values, names, identifiers, schema, images and deltas: the plain data every other crate shares.
//!
//! Nothing here does I/O, reads a clock or draws randomness; time comes in as a [`Timestamp`].
//! Not here: how values are stored (`store`), how they are computed (`expr`, `rules`, `engine`).

mod attributes;
mod delta;
mod dn;
mod guid;
mod ids;
mod image;
mod name;
mod schema;
mod secret;
mod sid;
mod time;
mod value;

pub use attributes::Attributes;
pub use delta::{AttributeChange, Changes};
pub use dn::{Dn, DnError, DnStyle, Rdn, escape_rdn_value, follow, keys_above};
pub use guid::{Guid, GuidError};
pub use ids::{ConnectorId, CsId, MvId, RunId};
pub use image::Image;
pub use name::Name;
pub use schema::{AttributeSchema, ObjectSchema, Schema};
pub use secret::Secret;
pub use sid::{Sid, SidError};
pub use time::{Clock, Timestamp, TimestampError, civil_from_days, days_from_civil, days_in_month};
pub use value::{Value, ValueType, Values};
