//! From what the store holds to what goes over the wire.

mod metaverse;
mod object;
mod person;
mod run;
mod value;

pub(crate) use metaverse::{link, mv_attributes, mv_display_name};
pub(crate) use object::{CsContext, cs_object, cs_summary, pending_export};
pub(crate) use person::{is_guest, own_attributes, person_summary, selected_attributes};
pub(crate) use run::{run, run_error};
