//! Microsoft Graph: users of an Entra tenant.
