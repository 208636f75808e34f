//! `[accounts]`: where people's accounts are in the metaverse.

use model::Name;

use crate::AccountAttributes;
use crate::node::Spanned;
use crate::reader::Reader;

/// The table. What it does not say is as in the documented metaverse.
#[derive(Debug, Default)]
pub(crate) struct AccountsDocument {
    pub(crate) attributes: AccountAttributes,
    /// The object type, where it is said.
    pub(crate) object_type: Option<Spanned<Name>>,
    /// The attributes that are said, in any order.
    pub(crate) said: Vec<Spanned<Name>>,
    /// The connector of the directory, where it is said.
    pub(crate) directory: Option<Spanned<Name>>,
}

/// Reads the table; without one everything is as documented.
pub(super) fn read(reader: &mut Reader<'_>) -> AccountsDocument {
    let mut document = AccountsDocument::default();
    let Some(mut table) = reader.table("accounts") else { return document };
    document.directory = name(&mut table, "directory");
    document.object_type = name(&mut table, "object_type");
    let attributes = &mut document.attributes;
    if let Some(object_type) = &document.object_type {
        attributes.object_type = object_type.value.clone();
    }
    let fields: [(&'static str, &mut Name); 8] = [
        ("object_id", &mut attributes.object_id),
        ("account_name", &mut attributes.account_name),
        ("domain", &mut attributes.domain),
        ("user_principal_name", &mut attributes.user_principal_name),
        ("mail", &mut attributes.mail),
        ("display_name", &mut attributes.display_name),
        ("sid", &mut attributes.sid),
        ("enabled", &mut attributes.enabled),
    ];
    for (key, field) in fields {
        if let Some(said) = name(&mut table, key) {
            *field = said.value.clone();
            document.said.push(said);
        }
    }
    if let Some(said) = name(&mut table, "on_premises_user_principal_name") {
        attributes.on_premises_user_principal_name = Some(said.value.clone());
        document.said.push(said);
    }
    reader.absorb(table);
    document
}

fn name(table: &mut Reader<'_>, key: &'static str) -> Option<Spanned<Name>> {
    let text = table.filled_text(key)?;
    Some(Spanned { value: Name::new(text.value), span: text.span })
}
