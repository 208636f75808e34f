//! What the fuzz targets run. Each takes octets of no meaning and panics if something is wrong:
//! what is printed reads differently, a place lies outside the source, the evaluators disagree,
//! too much memory is taken. Crashes and hangs libFuzzer sees by itself.

// The naive evaluator and what it needs are those of the crate's tests.
#[path = "../../crates/expr/tests/it/choices.rs"]
mod choices;
#[path = "../../crates/expr/tests/it/generate.rs"]
mod generate;
mod memory;
#[path = "../../crates/expr/tests/it/naive/mod.rs"]
mod naive;
#[path = "../../crates/expr/tests/it/world.rs"]
mod world;

use std::time::{Duration, Instant};

use expr::stored::{Mapping, StoredCall, StoredFlow};
use expr::vectors::{self, Surroundings};
use expr::{Ast, Dialect, ExprError, Names, Random, Span, bind, parse_in};
use model::Timestamp;

/// Bytes that reading or evaluating one input may take at any moment.
const MEMORY_MAX: usize = 256 * 1024 * 1024;

/// What reading or evaluating one input may take.
const TIME_MAX: Duration = Duration::from_secs(1);

/// Runs a target and panics if it takes more memory or time than anything may.
pub fn guarded(target: fn(&[u8]), octets: &[u8]) {
    let began = Instant::now();
    let most = memory::most_during(|| target(octets));
    assert!(most <= MEMORY_MAX, "{most} bytes of memory in use at a time");
    if began.elapsed() <= TIME_MAX {
        return;
    }
    // Others may have had the processor meanwhile: once more, by its own clock where there is one.
    let (began, before) = (Instant::now(), processor_time());
    target(octets);
    let used =
        processor_time().zip(before).map_or(began.elapsed(), |(after, before)| after - before);
    assert!(used <= TIME_MAX, "it takes {used:?}");
}

/// The time this thread has had the processor.
fn processor_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

const DIALECTS: [Dialect; 3] = [Dialect::Mim, Dialect::Entra, Dialect::EntraExtended];

/// Draws a fixed sequence (a linear congruential generator).
struct Sequence(u64);

impl Random for Sequence {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 16) % bound
    }
}

/// A few attributes and no others.
struct Few;

impl Names for Few {
    fn is_attribute(&self, name: &str) -> bool {
        self.suggest().contains(&name)
    }

    fn suggest(&self) -> Vec<&str> {
        vec!["mail", "sn", "true", "$p", "//Target/Name", "proxyAddresses"]
    }
}

/// An error's place is part of the source, and it says something.
fn check_error(error: &ExprError, source: &str) {
    let Span { start, end, .. } = error.span;
    assert!(source.get(start..end).is_some(), "{start}..{end} is no place in the source");
    assert!(!error.message.is_empty() && !error.code().is_empty());
}

/// Lexer and parser, in every dialect; what parses prints as source of the same tree.
pub fn parse(octets: &[u8]) {
    let Ok(source) = std::str::from_utf8(octets) else { return };
    for dialect in DIALECTS {
        match parse_in(dialect, source) {
            Ok(ast) => check_printed(&ast),
            Err(error) => check_error(&error, source),
        }
    }
}

fn check_printed(ast: &Ast) {
    let printed = ast.to_string();
    // Blanks and parentheses of its own may take it beyond a limit.
    if let Ok(again) = parse_in(ast.dialect(), &printed) {
        assert_eq!(again.to_string(), printed);
    }
}

/// Binding, with and without a schema.
pub fn bind_names(octets: &[u8]) {
    let Ok(source) = std::str::from_utf8(octets) else { return };
    for dialect in DIALECTS {
        let Ok(ast) = parse_in(dialect, source) else { continue };
        for names in [None, Some(&Few as &dyn Names)] {
            match bind(&ast, names) {
                Ok(program) => {
                    let _type = program.result_type();
                }
                Err(errors) => {
                    assert!(!errors.is_empty());
                    errors.iter().for_each(|error| check_error(error, source));
                }
            }
        }
    }
}

/// Evaluation: a line with the attributes as JSON, then the expression, tried as MIM's and as Entra Connect's.
pub fn evaluate(octets: &[u8]) {
    let Ok(text) = std::str::from_utf8(octets) else { return };
    let Some((attributes, source)) = text.split_once('\n') else { return };
    let Ok(attributes) = serde_json::from_str(attributes) else { return };
    let Ok(surroundings) = Surroundings::of_attributes(&attributes) else { return };
    let surroundings = surroundings.at(NOW);
    // The third dialect is a part of the second.
    for dialect in [Dialect::Mim, Dialect::EntraExtended] {
        let Ok(ast) = parse_in(dialect, source) else { continue };
        let Ok(program) = bind(&ast, None) else { continue };
        match program.compute(&surroundings, &mut Sequence(1)) {
            Ok(operand) => {
                let _flow = operand.into_flow();
            }
            Err(error) => check_error(&error, source),
        }
    }
}

const NOW: Timestamp = Timestamp::from_seconds(1_777_800_000);

/// The evaluator against the naive one, on a generated expression and object.
pub fn agree(octets: &[u8]) {
    let Some((first, rest)) = octets.split_first() else { return };
    let (object, expression) = rest.split_at(rest.len() / 3);
    let (object, expression) = (object.to_vec(), expression.to_vec());
    let (dialect, source, world) = if first % 2 == 0 {
        (Dialect::EntraExtended, generate::entra(expression), world::entra(object))
    } else {
        (Dialect::Mim, generate::mim(expression), world::mim(object))
    };
    let ast = parse_in(dialect, &source).unwrap();
    let Ok(program) = bind(&ast, None) else { return };
    let found = program.compute(&world, &mut Sequence(1));
    let found = found.map(|operand| naive::of_operand(&operand)).map_err(|error| error.kind);
    assert_eq!(found, naive::evaluate(&ast, &world), "{source} with {:?}", world.attributes);
}

/// Stored rules; what can be read can be written and is the same when it is read again.
pub fn stored(octets: &[u8]) {
    let Ok(xml) = std::str::from_utf8(octets) else { return };
    if let Ok(call) = StoredCall::read(xml) {
        if let Ok(written) = call.write() {
            assert_eq!(StoredCall::read(&written).as_ref(), Ok(&call));
        }
        if let Ok(ast) = call.ast() {
            check_printed(&ast);
            let _program = bind(&ast, None);
        }
    }
    if let Ok(flow) = StoredFlow::read(xml)
        && let Ok(written) = flow.write()
    {
        assert_eq!(StoredFlow::read(&written).as_ref(), Ok(&flow));
    }
    if let Ok(mapping) = Mapping::read(xml)
        && let Ok(written) = mapping.write()
    {
        assert_eq!(Mapping::read(&written).as_ref(), Ok(&mapping));
    }
}

/// Vector files, read and run.
pub fn run_vectors(octets: &[u8]) {
    let Ok(text) = std::str::from_utf8(octets) else { return };
    for vector in vectors::read(text).into_iter().flatten() {
        let _outcome = vector.run(NOW, &mut Sequence(1));
    }
}
