//! Static types: what each part of an expression can give, before there is an object.
//!
//! [`infer`] goes through a syntax tree once. It takes the attributes' types from a [`Schema`] and
//! gives [`Types`]: the type of every part, arguments and operands that can never fit as errors,
//! several values where one is wanted as lints. An error is certain: evaluation fails whenever the
//! part is reached and its attributes have values. What is not known fits.
//! A branch behind `IsString` is looked at with what that question has ruled out.
//! Names that do not bind have unknown types; [`crate::bind`] reports them.

mod argument;
mod call;
mod fit;
mod guard;
mod inference;
mod operator;
mod shape;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use model::ValueType;

use crate::lint::{Lint, LintKind};
use crate::{Ast, ErrorKind, ExprError, Span};

pub(crate) use fit::never_equal;
pub use shape::{Count, Type, ValueTypes};

/// What is known of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttributeType {
    /// The type of its values.
    pub value_type: ValueType,
    /// True if it may hold several values.
    pub multi_valued: bool,
}

impl AttributeType {
    /// A single-valued attribute.
    #[must_use]
    pub const fn single(value_type: ValueType) -> Self {
        Self { value_type, multi_valued: false }
    }

    /// A multi-valued attribute.
    #[must_use]
    pub const fn multi(value_type: ValueType) -> Self {
        Self { value_type, multi_valued: true }
    }
}

/// The attributes an expression may name. Parameters and lookups are asked for as they are
/// written: `$name`, `//path`, `%name%`. A closure from name to type is a schema.
pub trait Schema {
    /// What is known of `name`; `None` if nothing is.
    fn attribute(&self, name: &str) -> Option<AttributeType>;

    /// What is known of `name` on the side that `ImportedValue` reads; the same, unless the
    /// expression reads of two sides.
    fn imported(&self, name: &str) -> Option<AttributeType> {
        self.attribute(name)
    }

    /// True if the values of `name` go into a DN as they are, because no character of them means
    /// anything there.
    fn is_plain(&self, _name: &str) -> bool {
        false
    }
}

impl<F: Fn(&str) -> Option<AttributeType>> Schema for F {
    fn attribute(&self, name: &str) -> Option<AttributeType> {
        self(name)
    }
}

/// What a target attribute is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Role {
    /// It holds a value like any other.
    #[default]
    Value,
    /// Its values name the object and must be unique.
    Name,
    /// It is the LDAP name of the object.
    DistinguishedName,
    /// It is a password or its kin.
    Secret,
}

/// Where the result of an expression flows to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target<'a> {
    /// The attribute.
    pub name: &'a str,
    /// What is known of it.
    pub attribute: Option<AttributeType>,
    /// What it is for.
    pub role: Role,
}

impl<'a> Target<'a> {
    /// A target of which only the name is known: what it is for is told from the names that Active
    /// Directory and Exchange use.
    #[must_use]
    pub fn named(name: &'a str) -> Self {
        const NAMES: [&str; 5] =
            ["sAMAccountName", "userPrincipalName", "cn", "mailNickname", "accountName"];
        const SECRETS: [&str; 3] = ["unicodePwd", "userPassword", "password"];
        let is_one_of = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
        let role = match name {
            _ if is_one_of(&["dn", "distinguishedName"]) => Role::DistinguishedName,
            _ if is_one_of(&NAMES) => Role::Name,
            _ if is_one_of(&SECRETS) => Role::Secret,
            _ => Role::Value,
        };
        Self { name, attribute: None, role }
    }
}

/// Where the value of a branch comes from, as far as conversions care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin<'a> {
    /// It is this attribute, unchanged.
    Attribute(&'a str),
    /// It is this text literal.
    Text(&'a str),
    /// It is computed.
    Computed,
}

/// One of the parts that can be the result, such as a branch of `IIF`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Branch<'a> {
    /// Where it stands.
    pub span: Span,
    /// What it can give.
    pub of: Type,
    /// Where its value comes from.
    pub origin: Origin<'a>,
}

/// What was found out about an expression.
#[derive(Clone)]
pub struct Types<'a> {
    pub(crate) ast: &'a Ast,
    pub(crate) schema: &'a dyn Schema,
    pub(crate) parts: BTreeMap<(usize, usize), Type>,
    branches: Vec<Branch<'a>>,
    errors: Vec<ExprError>,
    several: Vec<Lint>,
}

/// Finds out the types of all parts of an expression that binds.
#[must_use]
pub fn infer<'a>(ast: &'a Ast, schema: &'a dyn Schema) -> Types<'a> {
    inference::infer(ast, schema)
}

impl Types<'_> {
    /// The parts that can be the result.
    #[must_use]
    pub fn branches(&self) -> &[Branch<'_>] {
        &self.branches
    }

    /// What the expression can give.
    #[must_use]
    pub fn result(&self) -> Type {
        union(&self.branches)
    }

    /// What the part that stands at `span` can give; `None` if no part stands there.
    #[must_use]
    pub fn at(&self, span: Span) -> Option<Type> {
        self.parts.get(&(span.start, span.end)).copied()
    }

    /// Arguments and operands that can never fit.
    #[must_use]
    pub fn errors(&self) -> &[ExprError] {
        &self.errors
    }

    /// Places where several values may meet a parameter that takes one.
    #[must_use]
    pub fn several(&self) -> &[Lint] {
        &self.several
    }

    /// Whether the result fits the target: branches that never do as errors, several values for an
    /// attribute that holds one as lints.
    #[must_use]
    pub fn check_target(&self, target: &Target<'_>) -> (Vec<ExprError>, Vec<Lint>) {
        let (mut errors, mut lints) = (Vec::new(), Vec::new());
        let Some(attribute) = target.attribute else { return (errors, lints) };
        // A connector gets secrets as text, whatever it makes of them.
        let is_secret = target.role == Role::Secret;
        let to = if is_secret { ValueType::String } else { attribute.value_type };
        for branch in &self.branches {
            let name = target.name;
            if !fit::fits_target(branch, to) {
                let from = branch.of.values.describe();
                let message = format!("{from} never fits '{name}', which is {to}");
                errors.push(ExprError::new(ErrorKind::Type, branch.span, message));
            } else if branch.of.count >= Count::Either && !attribute.multi_valued {
                let message = format!("several values do not fit '{name}', which holds one");
                lints.push(Lint::new(LintKind::SeveralValues, branch.span, message));
            }
        }
        (errors, lints)
    }
}

/// What any of the branches can give.
fn union(branches: &[Branch<'_>]) -> Type {
    branches.iter().map(|branch| branch.of).fold(Type::NEVER, Type::or)
}
