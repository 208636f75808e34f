//! The content a directory starts with: naming contexts, well-known containers and accounts,
//! the schema, and what the options ask for.
//!
//! Spec: [MS-ADTS] 6.1.1 (special objects and forest requirements), [MS-DTYP] 2.4.2.4 (RIDs).

use std::collections::BTreeSet;

use model::{Dn, DnError, Guid, Rdn, Timestamp};

use super::add;
use super::core::{Core, Names};
use super::faults::Faults;
use super::names::Target;
use super::object::{Object, PasswordDigest};
use super::options::DirectoryOptions;
use super::rules::{Policy, uac};
use super::schema::{self, ATTRIBUTES, Access, AttributeType, CLASSES, ClassType};
use super::state::State;

/// Name of the service account with all rights, in `OU=Services`.
const SERVICE_ACCOUNT: &str = "svc-proxeny";

/// Why a name in the options cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// It is not a DN.
    #[error("{name:?} is not a distinguished name")]
    Name {
        /// The name.
        name: String,
        /// What is wrong with it.
        #[source]
        source: DnError,
    },
    /// It is no organizational unit below the domain.
    #[error("{0:?} is not an organizational unit below the domain")]
    Outside(String),
}

/// Builds the directory.
pub(super) fn build(options: &DirectoryOptions) -> Result<Core, SeedError> {
    let domain_dn = Dn { rdns: options.domain.split('.').map(|part| rdn("DC", part)).collect() };
    let mut seeder = Seeder { state: State::new(options.seed), now: options.clock.now() };
    let roots = seeder.roots(&domain_dn, options.min_password_length);
    seeder.schema(roots.schema);
    let service = seeder.service(roots.configuration);
    let administrator = seeder.well_known(roots.domain);
    let services = seeder.ensure_unit(&domain_dn.child("OU", "Services"), &domain_dn)?;
    let password = options.service_password.expose();
    let service_account = seeder.account(services, SERVICE_ACCOUNT, password, &options.domain);
    for (name, password) in &options.limited_users {
        seeder.account(services, name, password.expose(), &options.domain);
    }
    for name in &options.organizational_units {
        let dn =
            Dn::parse(name).map_err(|source| SeedError::Name { name: name.clone(), source })?;
        seeder.ensure_unit(&dn, &domain_dn)?;
    }
    let names = Names {
        domain: options.domain.clone(),
        netbios: options.netbios_name.clone(),
        host: options.host_name.clone(),
        service,
        service_account_dn: seeder.state.dn(service_account).to_string(),
        domain_dn,
    };
    let policy =
        Policy { dialect: options.dialect, min_password_length: options.min_password_length };
    Ok(Core {
        state: seeder.state,
        policy,
        faults: Faults::default(),
        dirsync_page_rows: options.dirsync_page_rows,
        clock: options.clock.clone(),
        privileged: BTreeSet::from([administrator, service_account]),
        names,
    })
}

struct Roots {
    domain: Guid,
    configuration: Guid,
    schema: Guid,
}

struct Seeder {
    state: State,
    now: Timestamp,
}

fn rdn(attribute: &str, value: &str) -> Rdn {
    Rdn { attribute: attribute.to_owned(), value: value.to_owned() }
}

/// A class of the table; `top` if it is not there, which the schema's own test rules out.
fn class(name: &str) -> &'static ClassType {
    const FIRST: &ClassType = match CLASSES {
        [first, ..] => first,
        [] => unreachable!(),
    };
    schema::class(name).unwrap_or(FIRST)
}

impl Seeder {
    fn insert(
        &mut self,
        class_name: &str,
        value: &str,
        parent: Option<Guid>,
        edit: impl FnOnce(&mut Object),
    ) -> Guid {
        let class = class(class_name);
        let name = rdn(&class.rdn.to_uppercase(), value);
        let mut object = self.state.draft(class, name, parent, self.now);
        edit(&mut object);
        let guid = object.guid;
        self.state.commit(object, self.now);
        guid
    }

    fn roots(&mut self, domain_dn: &Dn, min_password_length: usize) -> Roots {
        let first = domain_dn.leaf().map_or("", |rdn| rdn.value.as_str());
        let sid = self.state.domain_sid().cloned();
        let domain = self.insert("domainDNS", first, None, |o| {
            o.sid = sid;
            o.set_text("minPwdLength", min_password_length.to_string());
            o.set_text("pwdProperties", "1");
        });
        let configuration = self.insert("configuration", "Configuration", None, |_| {});
        let schema = self.insert("dMD", "Schema", None, |_| {});
        let configuration_dn = domain_dn.child("CN", "Configuration");
        self.state.add_root(domain_dn.clone(), domain);
        self.state.add_root(configuration_dn.child("CN", "Schema"), schema);
        self.state.add_root(configuration_dn, configuration);
        Roots { domain, configuration, schema }
    }

    /// The path to the object that holds the invocation id.
    fn service(&mut self, configuration: Guid) -> Guid {
        let mut at = configuration;
        for name in ["Sites", "Default-First-Site-Name", "Servers", "DC1"] {
            at = self.insert("container", name, Some(at), |_| {});
        }
        let id = self.state.invocation_id();
        self.insert("nTDSDSA", "NTDS Settings", Some(at), |o| {
            o.set("invocationId", vec![id.to_directory().to_vec()]);
        })
    }

    /// Containers and accounts every domain has; returns the administrator.
    fn well_known(&mut self, domain: Guid) -> Guid {
        let critical = |o: &mut Object| o.set_text("isCriticalSystemObject", "TRUE");
        let users = self.insert("container", "Users", Some(domain), critical);
        self.insert("container", "Computers", Some(domain), critical);
        self.insert("builtinDomain", "Builtin", Some(domain), critical);
        self.insert("organizationalUnit", "Domain Controllers", Some(domain), critical);
        let deleted = self.insert("container", "Deleted Objects", Some(domain), |o| {
            o.set_text("isDeleted", "TRUE");
            o.set_text("isCriticalSystemObject", "TRUE");
        });
        self.state.deleted_objects = Some(deleted);
        for (name, rid) in
            [("Domain Admins", 512), ("Domain Users", 513), ("Domain Computers", 515)]
        {
            let sid = self.state.domain_sid().and_then(|s| s.with_rid(rid));
            self.insert_principal("group", name, users, |_, o| {
                o.sid = sid;
                o.set_text("isCriticalSystemObject", "TRUE");
            });
        }
        let sid = self.state.domain_sid().and_then(|s| s.with_rid(500));
        self.insert_principal("user", "Administrator", users, |_, o| {
            o.sid = sid;
            o.set_text("isCriticalSystemObject", "TRUE");
            o.set_text("userAccountControl", uac::NORMAL_ACCOUNT.to_string());
        })
    }

    fn insert_principal(
        &mut self,
        class_name: &str,
        name: &str,
        parent: Guid,
        edit: impl FnOnce(&mut State, &mut Object),
    ) -> Guid {
        let mut object =
            self.state.draft(class(class_name), rdn("CN", name), Some(parent), self.now);
        object.set_text("sAMAccountName", name);
        edit(&mut self.state, &mut object);
        add::set_defaults(&mut self.state, &mut object, self.now);
        let guid = object.guid;
        self.state.commit(object, self.now);
        guid
    }

    /// An account that can bind; its password is not held to the policy.
    fn account(&mut self, parent: Guid, name: &str, password: &str, domain: &str) -> Guid {
        self.insert_principal("user", name, parent, |state, o| {
            o.sid = state.new_sid();
            o.password = Some(PasswordDigest::new(state.draw(), password));
            o.set_text("userPrincipalName", format!("{name}@{domain}"));
            let flags = uac::NORMAL_ACCOUNT | uac::DONT_EXPIRE;
            o.set_text("userAccountControl", flags.to_string());
        })
    }

    /// Creates an organizational unit and those above it.
    fn ensure_unit(&mut self, dn: &Dn, domain: &Dn) -> Result<Guid, SeedError> {
        if let Some(found) = self.state.resolve(&Target::Dn(dn.clone())) {
            return Ok(found);
        }
        let leaf = dn.leaf().filter(|leaf| leaf.attribute.eq_ignore_ascii_case("ou"));
        let (Some(leaf), Some(parent)) = (leaf, dn.parent().filter(|p| p.is_within(domain))) else {
            return Err(SeedError::Outside(dn.to_string()));
        };
        let parent = self.ensure_unit(&parent, domain)?;
        Ok(self.insert("organizationalUnit", &leaf.value, Some(parent), |_| {}))
    }

    fn schema(&mut self, schema: Guid) {
        for attribute in ATTRIBUTES {
            self.insert("attributeSchema", attribute.name, Some(schema), |o| {
                describe_attribute(o, attribute);
            });
        }
        for class in CLASSES {
            self.insert("classSchema", class.common_name, Some(schema), |o| {
                describe_class(o, class);
            });
        }
    }
}

fn boolean(value: bool) -> &'static str {
    if value { "TRUE" } else { "FALSE" }
}

fn describe_attribute(object: &mut Object, attribute: &AttributeType) {
    let (syntax, om_syntax) = attribute.syntax.identifiers();
    object.set_text("lDAPDisplayName", attribute.name);
    object.set_text("attributeID", attribute.oid);
    object.set_text("attributeSyntax", syntax);
    object.set_text("oMSyntax", om_syntax.to_string());
    object.set_text("isSingleValued", boolean(attribute.is_single));
    object.set_text("systemOnly", boolean(attribute.access != Access::Client));
    // Bits of systemFlags ([MS-ADTS] 2.2.10): not replicated, constructed.
    let local = i32::from(!attribute.is_replicated);
    let constructed = if attribute.access == Access::Constructed { 4 } else { 0 };
    object.set_text("systemFlags", (local | constructed).to_string());
    if let Some((lower, upper)) = attribute.range {
        object.set_text("rangeLower", lower.to_string());
        object.set_text("rangeUpper", upper.to_string());
    }
    if let Some(id) = attribute.link_id {
        object.set_text("linkID", id.to_string());
    }
}

fn describe_class(object: &mut Object, class: &ClassType) {
    let names = |names: &[&str]| names.iter().map(|n| n.as_bytes().to_vec()).collect();
    object.set_text("lDAPDisplayName", class.name);
    object.set_text("governsID", class.oid);
    object.set_text("subClassOf", class.superior.unwrap_or("top"));
    object.set("systemMustContain", names(class.must));
    object.set("systemMayContain", names(class.may));
    object.set("systemAuxiliaryClass", names(class.auxiliary));
    // Structural, or abstract ([MS-ADTS] 3.1.1.2.4.8).
    object.set_text("objectClassCategory", if class.is_structural { "1" } else { "2" });
}
