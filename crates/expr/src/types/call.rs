//! Calls: what comes out of a function, given what goes in.

use model::ValueType;

use super::guard::{Guard, guards};
use super::inference::Inference;
use super::{Branch, Count, Origin, Type, ValueTypes, union};
use crate::functions::{self, Function, Kind, OnNull, Returns};
use crate::{Dialect, Node, NodeKind, Span};

impl<'a> Inference<'a> {
    /// The branches of a call of the function `name`; messages say `called`.
    pub(super) fn call(
        &mut self,
        name: &str,
        called: &str,
        span: Span,
        arguments: &'a [Node],
    ) -> Vec<Branch<'a>> {
        let function = functions::find(name, self.dialect);
        let given = self.given(function, called, arguments);
        let computed = |of| vec![Branch { span, of, origin: Origin::Computed }];
        let Some(function) = function.filter(|f| f.accepts(arguments.len())) else {
            return computed(Type::UNKNOWN);
        };
        self.check_order(function, span, &given);
        if let Some(branches) = choice(function, span, &given) {
            return branches;
        }
        computed(self.result(function, arguments, &given))
    }

    /// What is given for each argument; nothing for those that are only words.
    fn given(
        &mut self,
        function: Option<&'static Function>,
        called: &str,
        arguments: &'a [Node],
    ) -> Vec<Vec<Branch<'a>>> {
        let kind_of = |i| function.and_then(|f| f.parameter(i)).map_or(Kind::Any, |p| p.kind);
        let binds = match arguments.first().map(|node| &node.kind) {
            Some(NodeKind::Variable(name)) if kind_of(0) == Kind::Variable => Some(name.as_str()),
            _ => None,
        };
        let mut given: Vec<Vec<Branch<'a>>> = Vec::with_capacity(arguments.len());
        for (i, argument) in arguments.iter().enumerate() {
            if matches!(kind_of(i), Kind::Literal | Kind::Words(_) | Kind::Variable) {
                given.push(Vec::new());
                continue;
            }
            let scope = self.variables.len();
            let guarded = self.guards.len();
            self.guards.extend(settled(function, arguments, i));
            if let (Some(name), 2..) = (binds, i) {
                let value = given.get(1).map_or(Type::UNKNOWN, |branches| union(branches));
                self.variables
                    .push((name, if kind_of(1) == Kind::List { element(value) } else { value }));
            }
            let branches = self.node(argument);
            self.variables.truncate(scope);
            self.guards.truncate(guarded);
            if let Some(function) = function {
                self.check_argument(function, called, i, &branches);
            }
            given.push(branches);
        }
        given
    }

    /// What a function gives that is no choice between its arguments.
    fn result(&self, function: &Function, arguments: &[Node], given: &[Vec<Branch<'a>>]) -> Type {
        let of = |index: usize| given.get(index).map_or(Type::ABSENT, |branches| union(branches));
        let count = lifted(function, &of);
        let propagates =
            |i: usize| function.parameter(i).is_some_and(|p| p.on_null == OnNull::Propagate);
        let may_be_absent = (0..given.len()).any(|i| propagates(i) && of(i).may_be_absent);
        let text = ValueTypes::only(ValueType::String);
        match function.name {
            "ImportedValue" => match arguments.first().map(|argument| &argument.kind) {
                Some(NodeKind::Text(name)) => self.typed(self.schema.imported(name)),
                _ => Type::UNKNOWN,
            },
            "Item" => element(of(0)),
            "ItemOrNull" => element(of(0)).or_absent(true),
            "RemoveDuplicates" => Type { count: Count::Several, ..of(0) },
            "Where" => Type { count: Count::Several, ..of(1) }.or_absent(true),
            "Select" => Type { count: Count::Several, ..of(2) }.or_absent(true),
            "Split" | "CertExtensionOids" => {
                Type { values: text, count: Count::Several, ..Type::ABSENT }
            }
            "AccountName" => Type::one(ValueType::String).or_absent(true),
            // The empty text comes out for what is absent.
            "Left" | "Right" | "Mid" if function.returns == Returns::Arguments(&[0]) => {
                let octets = ValueTypes::only(ValueType::Binary);
                let cut = of(0).values.and(text.or(octets));
                let values = if of(0).may_be_absent { cut.or(text) } else { cut };
                Type { values, count, ..Type::NEVER }
            }
            _ => match function.returns {
                Returns::Type(value_type) => {
                    Type { count, ..Type::one(value_type) }.or_absent(may_be_absent)
                }
                Returns::Nothing => Type::ABSENT,
                Returns::Arguments(_) => Type::UNKNOWN,
            },
        }
    }
}

/// What is settled where argument number `index` is evaluated.
fn settled<'a>(
    function: Option<&'static Function>,
    arguments: &'a [Node],
    index: usize,
) -> Vec<Guard<'a>> {
    let (condition, outcome) = match (function.map(|f| f.name), index) {
        (Some("IIF"), 1 | 2) => (arguments.first(), index == 1),
        (Some("Switch"), _) if !index.is_multiple_of(2) => (arguments.get(index - 1), true),
        _ => (None, false),
    };
    condition.map(|condition| guards(condition, outcome)).unwrap_or_default()
}

/// An element of a collection.
const fn element(of: Type) -> Type {
    Type { values: of.values, ..Type::NEVER }
}

/// How many values come out of a function that works element by element.
fn lifted(function: &Function, of: &dyn Fn(usize) -> Type) -> Count {
    let counts = function.lifts.iter().map(|i| {
        let given = of(*i);
        let propagates = function.parameter(*i).is_some_and(|p| p.on_null == OnNull::Propagate);
        match given.count {
            _ if given.values.is_empty() => Count::One,
            Count::Several if given.may_be_absent && !propagates => Count::Either,
            count => count,
        }
    });
    counts.max().unwrap_or(Count::One)
}

/// The branches of a function that gives one of its arguments; `None` for any other.
fn choice<'a>(
    function: &Function,
    span: Span,
    given: &[Vec<Branch<'a>>],
) -> Option<Vec<Branch<'a>>> {
    let of = |index: usize| given.get(index).cloned().unwrap_or_default();
    let computed = |of| Branch { span, of, origin: Origin::Computed };
    let present = |branch: &Branch<'a>| {
        let of = Type { may_be_absent: false, ..branch.of };
        (of != Type { count: of.count, ..Type::NEVER }).then_some(Branch { of, ..*branch })
    };
    Some(match function.name {
        "IIF" => iif(function, given),
        "Switch" => {
            let values = (1..given.len()).step_by(2).flat_map(of);
            values.chain([computed(Type::ABSENT)]).collect()
        }
        "Coalesce" => {
            let may_be_absent = given.iter().all(|branches| union(branches).may_be_absent);
            let mut branches: Vec<_> = given.iter().flatten().filter_map(present).collect();
            if may_be_absent {
                branches.push(computed(Type::ABSENT));
            }
            branches
        }
        "SelectUniqueValue" => vec![computed(Type::one(ValueType::String))],
        "IgnoreFlowIfNullOrEmpty" => {
            let values = of(0);
            let mut branches: Vec<_> = values.iter().filter_map(present).collect();
            branches.push(computed(Type::FLOW));
            branches
        }
        "Redact" | "SingleValueAssignment" => of(0),
        "With" => of(2),
        "Error" => Vec::new(),
        _ => return None,
    })
}

/// Several conditions choose for each.
fn iif<'a>(function: &Function, given: &[Vec<Branch<'a>>]) -> Vec<Branch<'a>> {
    let condition = given.first().map_or(Type::ABSENT, |branches| union(branches));
    let chosen = match condition.count {
        _ if function.dialects.contains(&Dialect::Mim) => Count::One,
        Count::Several if condition.may_be_absent => Count::Either,
        count => count,
    };
    let branches = given.iter().skip(1).flatten();
    let each = |branch: &Branch<'a>| {
        let count = branch.of.count.max(chosen);
        let origin = if chosen == Count::One { branch.origin } else { Origin::Computed };
        Branch { of: Type { count, ..branch.of }, origin, ..*branch }
    };
    branches.map(each).collect()
}
