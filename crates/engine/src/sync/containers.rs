//! Containers that cannot go or be renamed while something lies in them.

use model::DnStyle;
use store::CsObject;

use super::draft::{Draft, PlanError, Stop, connector_of};

const DELETE: &str = "unsupported-container-delete";
const RENAME: &str = "unexported-container-rename";

/// True for errors that pass once other objects of the same step have been synchronized: what lies in
/// a container may be about to go or to move, too.
pub(super) fn may_pass(error: &PlanError) -> bool {
    error.error_type == DELETE || error.error_type == RENAME
}

/// Refuses to delete an object that others lie below.
pub(super) fn refuse_delete(draft: &Draft<'_>, object: &CsObject) -> Result<(), Stop> {
    let what = "is to be deleted, and so far these stay";
    refuse(draft, object, (DELETE, "deprovisioning"), what)
}

/// Refuses another name for a container that is yet to be created while others wait to be created in
/// it.
pub(super) fn refuse_rename(draft: &Draft<'_>, object: &CsObject) -> Result<(), Stop> {
    let what = "is not created yet, and another name would leave them behind";
    refuse(draft, object, (RENAME, "provisioning"), what)
}

fn refuse(
    draft: &Draft<'_>,
    object: &CsObject,
    (error_type, step): (&str, &'static str),
    what: &str,
) -> Result<(), Stop> {
    let setup = draft.connector(connector_of(object.id))?;
    if setup.dn_style != DnStyle::Ldap || object.is_transient() {
        return Ok(());
    }
    let below = draft.staying_below(setup.id, &object.dn_key)?.len();
    if below == 0 {
        return Ok(());
    }
    Err(Stop::Fail(PlanError {
        error_type: error_type.to_owned(),
        step,
        message: format!("{below} objects of {} lie below one that {what}", setup.name),
        rule: object.linked_by.clone(),
    }))
}
