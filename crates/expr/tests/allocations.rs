//! Values that only pass through an evaluation take no memory on their way, and a text that is made
//! takes it once. This is a binary of its own because it counts what its allocator does.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use allocation_counter::measure;
use expr::{Dialect, Environment, FlowValue, Given, Program, Random};
use model::{Attributes, Value, Values};

struct Zero;

impl Random for Zero {
    fn below(&mut self, _bound: u64) -> u64 {
        0
    }
}

struct Object(Attributes);

impl Environment for Object {
    fn attribute(&self, name: &str) -> Given<'_> {
        let values = self.0.get(name);
        values.map_or(Given::Nothing, |v| v.single().map_or(Given::Set(v), Given::One))
    }
}

fn object() -> Attributes {
    let mut object = Attributes::new();
    object.set_one("name", "ada lovelace");
    object.set_one("mail", "Ada@Contoso.com");
    object.set_one("number", 514);
    object.set_one("yes", true);
    object.set_one("manager", Value::reference("CN=Boss,DC=contoso"));
    object.set_one("octets", Value::binary(&[1, 2, 3]));
    object.set_one("since", Value::DateTime(model::Timestamp::from_seconds(0)));
    object.set("several".into(), Values::from_vec(vec!["a".into(), "b".into()]));
    object
}

fn program(dialect: Dialect, source: &str) -> Program {
    expr::bind(&expr::parse_in(dialect, source).unwrap(), None).unwrap()
}

/// Checks what each expression takes, from the attributes to the values of the flow.
fn check(dialect: Dialect, takes: u64, sources: &[&str]) {
    let object = object();
    let surroundings = Object(object.clone());
    for source in sources {
        let program = program(dialect, source);
        let mut found = (None, FlowValue::Nothing);
        let of_input = measure(|| found.0 = program.eval(&object, &mut Zero).unwrap());
        let in_surroundings =
            measure(|| found.1 = program.eval_in(&surroundings, &mut Zero).unwrap());
        assert_eq!((of_input.count_total, in_surroundings.count_total), (takes, takes), "{source}");
        let values = found.0.map_or(FlowValue::Nothing, FlowValue::Value);
        assert_eq!(values, found.1, "{source}");
    }
}

#[test]
fn an_attribute_that_flows_unchanged_takes_nothing() {
    let names = ["name", "number", "yes", "manager", "octets", "since", "several", "none"];
    check(Dialect::Mim, 0, &names);
    let in_brackets = names.map(|name| format!("[{name}]"));
    check(Dialect::Entra, 0, &in_brackets.each_ref().map(String::as_str));
}

#[test]
fn a_choice_takes_nothing() {
    check(
        Dialect::Mim,
        0,
        &[
            "IIF(IsPresent(mail), mail, name)",
            "IIF(Eq(name, \"ada lovelace\"), number, Null())",
            "IIF(Eq(number, 514), \"x\", \"y\")",
            "IIF(IIF(yes, IsPresent(none), false), name, manager)",
            "IIF(LessThan(number, 600), IIF(GreaterThan(name, mail), 512, 514), none)",
            "SingleValueAssignment(name)",
            "BitOr(BitAnd(number, 512), 2)",
        ],
    );
    check(
        Dialect::EntraExtended,
        0,
        &[
            "IIF(IsPresent([mail]) && [number] >= 514, [mail], NULL)",
            "IIF(IsNullOrEmpty([none]) || IsNull([mail]), [name], [mail])",
            "IIF([manager] = [manager], [octets], IgnoreThisFlow)",
            "Switch([number] = 1, \"a\", [yes] = True, [name])",
            "Coalesce([none], [none], [mail])",
            "With($n, [number] + 1, IIF($n <> 514 && Not(IsEmpty([name])), [name], $n * 2))",
            "IgnoreFlowIfNullOrEmpty([mail])",
            "IgnoreFlowIfNullOrEmpty(Redact([mail]))",
            "IIF(InStr([mail], \"@\") > 1 && Len([name]) < 64, True, False)",
        ],
    );
}

#[test]
fn a_text_that_a_function_leaves_as_it_is_takes_nothing() {
    check(
        Dialect::Mim,
        0,
        &[
            "Trim(name)",
            "LowerCase(Left(name, 64))",
            "none + name + \"\"",
            "Right(mail, 15)",
            "Word(name, 1, \";\")",
            "ReplaceString(name, \"x\", \"y\")",
            "LeftPad(name, 3, \"0\")",
            "Left(none, 3)",
        ],
    );
    check(Dialect::Entra, 0, &["LCase(Trim([name]))", "Mid([name], 1, 99)", "CStr([mail])"]);
}

#[test]
fn a_text_that_is_made_takes_memory_once() {
    check(
        Dialect::Mim,
        1,
        &[
            "name + \" (\" + mail + \")\"",
            "Left(mail, 3)",
            "LowerCase(mail)",
            "ProperCase(name)",
            "ReplaceString(mail, \"@\", \" at \")",
            "RightPad(name, 20, \".\")",
            "AccountName(mail)",
        ],
    );
    check(
        Dialect::Entra,
        1,
        &["[name] & \" \" & [number] & \" \" & [none] & [manager]", "UCase([name])"],
    );
}
