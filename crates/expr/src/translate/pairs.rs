//! Functions that compute the same from arguments of the types both take, absent ones included.

/// MIM's name and Entra Connect's. Those that need more than other names are not here.
const PAIRS: [(&str, &str); 17] = [
    ("UpperCase", "UCase"),
    ("LowerCase", "LCase"),
    ("LTrim", "LTrim"),
    ("RTrim", "RTrim"),
    ("Trim", "Trim"),
    ("LeftPad", "PadLeft"),
    ("RightPad", "PadRight"),
    ("Left", "Left"),
    ("Right", "Right"),
    ("Word", "Word"),
    ("BitAnd", "BitAnd"),
    ("BitOr", "BitOr"),
    ("ConvertSidToString", "StringFromSid"),
    ("ConvertStringToGuid", "CGuid"),
    ("RandomNum", "RandomNum"),
    ("Guid", "Guid"),
    ("EscapeDNComponent", "EscapeDNComponent"),
];

/// What Entra Connect calls the function.
pub(super) fn in_entra(name: &str) -> Option<&'static str> {
    PAIRS.iter().find(|(mim, _)| *mim == name).map(|(_, entra)| *entra)
}

/// What MIM calls the function.
pub(super) fn in_mim(name: &str) -> Option<&'static str> {
    PAIRS.iter().find(|(_, entra)| *entra == name).map(|(mim, _)| *mim)
}
