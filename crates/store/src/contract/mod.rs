//! The suite that every store must pass.
//!
//! Each check is a function that takes an empty store and panics when the store does not behave;
//! [`crate::store_contract`] makes a test of each. [`behaves_like`] drives a store and the model
//! through the same random steps and compares everything that can be observed.

mod access;
mod metaverse;
mod objects;
mod observe;
mod random;
mod resources;
mod runs;
mod samples;
mod search;
mod steady;

#[cfg(test)]
mod tests;

pub use access::{credentials_are_kept_and_found, credentials_are_replaced_touched_and_deleted};
pub use metaverse::{
    links_follow_the_state, metaverse_objects_are_found_by_public_id,
    metaverse_objects_are_kept_replaced_and_removed, metaverse_pages_are_of_one_type_or_all,
};
pub use objects::{
    connectors_get_numbers_once, counts_tell_the_kinds_apart, every_part_of_an_object_is_kept,
    ids_are_reserved_once, key_maps_hold_what_was_imported, only_named_parts_are_written,
    pages_are_ranges_of_a_scope, removed_objects_leave_nothing,
};
pub use observe::{Observation, observe};
pub use random::behaves_like;
pub use resources::{
    a_resource_is_replaced_only_at_its_version, changes_take_places_in_one_sequence,
    deleted_resources_leave_tombstones, no_change_takes_no_place, resource_lists_are_sorted_pages,
    resources_are_found_by_their_values,
};
pub use runs::{
    a_batch_of_a_lost_run_writes_nothing, a_run_left_open_is_resumed,
    another_owner_waits_for_the_lease, another_step_of_the_profile_is_another_run,
    errors_are_kept_in_order, history_is_newest_first, left_runs_are_closed,
    one_owner_synchronizes_at_a_time, purging_the_history_leaves_everything_else,
    seen_sets_grow_until_the_run_ends, watermarks_are_set_and_forgotten,
};
pub use search::{
    anchors_and_dns_lead_to_objects_of_their_connector, indexes_can_come_and_go,
    values_are_found_without_regard_to_case, what_lies_below_a_name_is_found,
};
pub use steady::{
    a_run_beside_another_notes_nothing_steady, a_write_unsettles_what_it_concerns,
    what_is_steady_is_left_out_of_pages,
};

/// Makes a test of every check in [`crate::contract`]. The expression opens an empty store: a value
/// that dereferences to it. It may await.
#[macro_export]
macro_rules! store_contract {
    ($open:expr) => {
        $crate::store_contract! { @tests $open;
            a_batch_of_a_lost_run_writes_nothing,
            a_resource_is_replaced_only_at_its_version,
            a_run_beside_another_notes_nothing_steady,
            a_run_left_open_is_resumed,
            a_write_unsettles_what_it_concerns,
            anchors_and_dns_lead_to_objects_of_their_connector,
            another_owner_waits_for_the_lease,
            another_step_of_the_profile_is_another_run,
            changes_take_places_in_one_sequence,
            connectors_get_numbers_once,
            counts_tell_the_kinds_apart,
            credentials_are_kept_and_found,
            credentials_are_replaced_touched_and_deleted,
            deleted_resources_leave_tombstones,
            errors_are_kept_in_order,
            every_part_of_an_object_is_kept,
            history_is_newest_first,
            ids_are_reserved_once,
            indexes_can_come_and_go,
            key_maps_hold_what_was_imported,
            left_runs_are_closed,
            one_owner_synchronizes_at_a_time,
            links_follow_the_state,
            metaverse_objects_are_found_by_public_id,
            metaverse_objects_are_kept_replaced_and_removed,
            metaverse_pages_are_of_one_type_or_all,
            no_change_takes_no_place,
            only_named_parts_are_written,
            pages_are_ranges_of_a_scope,
            purging_the_history_leaves_everything_else,
            removed_objects_leave_nothing,
            resource_lists_are_sorted_pages,
            resources_are_found_by_their_values,
            seen_sets_grow_until_the_run_ends,
            values_are_found_without_regard_to_case,
            watermarks_are_set_and_forgotten,
            what_lies_below_a_name_is_found,
            what_is_steady_is_left_out_of_pages,
        }
    };
    (@tests $open:expr; $($check:ident),* $(,)?) => {
        $(
            #[tokio::test]
            async fn $check() {
                let fixture = $open;
                $crate::contract::$check(&*fixture).await.unwrap();
            }
        )*
    };
}
