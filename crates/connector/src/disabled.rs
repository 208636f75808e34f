//! What tells that an object of a connected system is disabled.

use model::{Value, Values};

/// The attribute and the values of it that mean that its object is disabled. A connector type says
/// so for its system, so that disabling can be told from any other change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisabledMark {
    /// An integer with a bit that is set.
    Bit {
        /// The attribute.
        attribute: &'static str,
        /// The bit's value.
        bit: i64,
    },
    /// A boolean that has this value.
    Boolean {
        /// The attribute.
        attribute: &'static str,
        /// What it is for a disabled object.
        disabled: bool,
    },
}

impl DisabledMark {
    /// The attribute.
    #[must_use]
    pub const fn attribute(&self) -> &'static str {
        match self {
            Self::Bit { attribute, .. } | Self::Boolean { attribute, .. } => attribute,
        }
    }

    /// True if an object whose attribute has these values is disabled.
    #[must_use]
    pub fn is_disabled(&self, values: Option<&Values>) -> bool {
        match (self, values.and_then(Values::single)) {
            (Self::Bit { bit, .. }, Some(Value::Integer(number))) => number & bit != 0,
            (Self::Boolean { disabled, .. }, Some(Value::Boolean(value))) => value == disabled,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_read_in_values_of_their_type_alone() {
        let bit = DisabledMark::Bit { attribute: "userAccountControl", bit: 2 };
        let is_disabled =
            |mark: DisabledMark, value: Value| mark.is_disabled(Some(&Values::one(value)));
        assert!(is_disabled(bit, 514.into()) && !is_disabled(bit, 512.into()));
        assert!(!is_disabled(bit, "514".into()) && !bit.is_disabled(None));
        let boolean = DisabledMark::Boolean { attribute: "accountEnabled", disabled: false };
        assert!(is_disabled(boolean, false.into()) && !is_disabled(boolean, true.into()));
    }
}
