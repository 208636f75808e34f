//! The evaluator and the naive one give the same for whatever expression and object.

use expr::{Dialect, Random, bind, parse_in};
use proptest::prelude::*;

use crate::generate;
use crate::naive::{self, V};
use crate::world::{self, World};

/// Expressions tried for each language, unless the environment asks for more.
const CASES: u32 = 8_000;

struct NoChance;

impl Random for NoChance {
    fn below(&mut self, _bound: u64) -> u64 {
        0
    }
}

/// What both must agree on: a value, or the class of an error.
fn check(dialect: Dialect, source: &str, world: &World) -> Result<(), TestCaseError> {
    let ast =
        parse_in(dialect, source).map_err(|e| TestCaseError::fail(format!("{e}: {source}")))?;
    let Ok(program) = bind(&ast, None) else {
        // The naive evaluator does not look at branches that are not taken.
        return Ok(());
    };
    let found = program.compute(world, &mut NoChance);
    let wanted = naive::evaluate(&ast, world);
    let found = found.map(|operand| naive::of_operand(&operand));
    let is_same = match (&found, &wanted) {
        (Ok(found), Ok(wanted)) => found == wanted,
        (Err(found), Err(wanted)) => found.kind == *wanted,
        _ => false,
    };
    prop_assert!(
        is_same,
        "{source}\n  gave {}\n  not  {}\n  with {:?}",
        found.map_or_else(|e| format!("{:?}: {e}", e.kind), shown),
        wanted.map_or_else(|kind| format!("{kind:?}"), shown),
        world.attributes
    );
    Ok(())
}

fn shown(value: V) -> String {
    match value {
        V::Text(units) => format!("{:?}", naive::string(&units)),
        V::Ref(units) => format!("reference {:?}", naive::string(&units)),
        V::List(elements) => {
            let shown: Vec<String> = elements.into_iter().map(shown).collect();
            format!("[{}]", shown.join(", "))
        }
        other => format!("{other:?}"),
    }
}

fn octets(most: usize) -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..most)
}

/// The environment may ask for more cases than these.
fn config() -> ProptestConfig {
    let asked = ProptestConfig::default();
    ProptestConfig { cases: asked.cases.max(CASES), ..asked }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn both_evaluators_agree_on_entra_connect(expression in octets(120), object in octets(60)) {
        check(Dialect::EntraExtended, &generate::entra(expression), &world::entra(object))?;
    }

    #[test]
    fn both_evaluators_agree_on_identity_manager(expression in octets(80), object in octets(60)) {
        check(Dialect::Mim, &generate::mim(expression), &world::mim(object))?;
    }
}
