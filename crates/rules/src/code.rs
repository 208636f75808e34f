//! The stable codes of everything that can be wrong with a configuration. What to do about each is
//! in `docs/error-codes.md`.

/// The document is not TOML.
pub(crate) const SYNTAX: &str = "CFG-0101";
/// A document stands where none belongs, or one that must be there is not.
pub(crate) const PLACE: &str = "CFG-0102";
/// A key that means nothing here.
pub(crate) const UNKNOWN_KEY: &str = "CFG-0103";
/// A value of the wrong type.
pub(crate) const WRONG_TYPE: &str = "CFG-0104";
/// A key that must be there is not.
pub(crate) const MISSING_KEY: &str = "CFG-0105";
/// A value of the right type that is none of those possible.
pub(crate) const BAD_VALUE: &str = "CFG-0106";
/// A configuration version this program does not read.
pub(crate) const VERSION: &str = "CFG-0107";
/// A reference to a secret that names no or several sources.
pub(crate) const SECRET_REFERENCE: &str = "CFG-0108";
/// Keys that exclude each other.
pub(crate) const EXCLUSIVE_KEYS: &str = "CFG-0109";

/// A store that cannot be used.
pub(crate) const STORE: &str = "CFG-0201";
/// A step of a sequence that is not `connector/profile`, or names what does not exist.
pub(crate) const STEP: &str = "CFG-0202";
/// A schedule of a sequence that does not exist.
pub(crate) const SCHEDULE: &str = "CFG-0203";
/// A listener that others could reach without encryption, or half a certificate.
pub(crate) const LISTENER: &str = "CFG-0211";
/// An address that cannot be one of its kind.
pub(crate) const ADDRESS: &str = "CFG-0212";
/// Two applications at one external address.
pub(crate) const DUPLICATE_ADDRESS: &str = "CFG-0213";
/// A service name that is none, or not among those a ticket may be asked for.
pub(crate) const SERVICE: &str = "CFG-0214";
/// A realm or a principal that cannot be used, or an application that needs Kerberos without it.
pub(crate) const KERBEROS: &str = "CFG-0215";
/// A header that the gateway cannot set, or a value that cannot be in it.
pub(crate) const HEADER: &str = "CFG-0216";
/// A role that is given to nobody there can be.
pub(crate) const ROLE: &str = "CFG-0217";
/// A control character where it could end a line of something else.
pub(crate) const CONTROL_CHARACTER: &str = "CFG-0218";
/// An application that does not say who may use it.
pub(crate) const ASSIGNMENT: &str = "CFG-0219";

/// A connector type that does not exist.
pub(crate) const CONNECTOR_TYPE: &str = "CFG-0301";
/// A setting that the connector type refuses.
pub(crate) const SETTING: &str = "CFG-0302";
/// A mapping of resources that is not possible.
pub(crate) const MAPPING: &str = "CFG-0303";
/// A condition that does not fit its attribute.
pub(crate) const CONDITION: &str = "CFG-0304";

/// A run profile, or a step of one, that cannot be.
pub(crate) const RUN_PROFILE: &str = "CFG-0321";

/// A deletion rule that names a connector that does not exist, or none where it must.
pub(crate) const DELETION: &str = "CFG-0401";
/// A type or an attribute of the metaverse that is built in.
pub(crate) const BUILT_IN: &str = "CFG-0402";
/// An attribute's precedence that names what does not exist.
pub(crate) const PRECEDENCE: &str = "CFG-0403";

/// A connector, object type or metaverse type that does not exist.
pub(crate) const UNKNOWN_NAME: &str = "CFG-0501";
/// An attribute that does not exist or is not selected.
pub(crate) const UNKNOWN_ATTRIBUTE: &str = "CFG-0502";
/// A flow to an attribute that cannot be written.
pub(crate) const READ_ONLY: &str = "CFG-0503";
/// Two rules of one name.
pub(crate) const DUPLICATE_RULE: &str = "CFG-0504";
/// Two flows of one rule to one attribute.
pub(crate) const DUPLICATE_FLOW: &str = "CFG-0505";
/// Two flows that feed each other and never come to rest.
pub(crate) const CIRCULAR: &str = "CFG-0506";
/// A rule that creates objects without naming them.
pub(crate) const NO_DN: &str = "CFG-0507";
/// Attributes of a relationship that are never equal.
pub(crate) const TYPE_MISMATCH: &str = "CFG-0508";
/// A key of the other direction.
pub(crate) const DIRECTION: &str = "CFG-0509";
/// A secret that would be stored, or come from where none can be.
pub(crate) const SECRET: &str = "CFG-0510";

/// A reference that is part of an expression, or something else where the metaverse holds references.
pub(crate) const REFERENCE: &str = "CFG-0511";

/// Two rules of one connector with one precedence.
pub(crate) const SAME_PRECEDENCE: &str = "CFG-0512";
/// Flows to one attribute that do not agree on how their values come together, or cannot.
pub(crate) const MERGE: &str = "CFG-0513";
/// A rule that disables objects without a flow that does it, or the other way round.
pub(crate) const DISABLE: &str = "CFG-0514";
/// A rule that depends on one that can never have been applied to the same object.
pub(crate) const DEPENDENCY: &str = "CFG-0520";
/// A rule applied by policy to objects that have no expected rule entries.
pub(crate) const POLICY: &str = "CFG-0521";

/// Rules of equal rank that feed one attribute.
pub(crate) const EQUAL_PRECEDENCE: &str = "CFG-0601";
/// An attribute's precedence that names who contributes nothing.
pub(crate) const NO_CONTRIBUTOR: &str = "CFG-0603";
/// Flows of a rule that lets none flow.
pub(crate) const NO_FLOW: &str = "CFG-0604";
/// A persistent flow that draws at random.
pub(crate) const RANDOM: &str = "CFG-0602";
/// A persistent flow that asks which names are taken.
pub(crate) const NAME_CHANGES: &str = "CFG-0606";
/// A back end on the network that is spoken to without encryption.
pub(crate) const UNENCRYPTED: &str = "CFG-0611";
/// Identity headers without a signature.
pub(crate) const UNSIGNED: &str = "CFG-0612";
/// A realm whose name is not in capitals.
pub(crate) const REALM_CASE: &str = "CFG-0613";
/// An existence test whose outcome nobody keeps.
pub(crate) const UNKEPT_TEST: &str = "CFG-0622";
