//! Inputs to begin with, and the words that inputs are made of.

use std::collections::BTreeSet;

/// Expressions of Microsoft Identity Manager.
const MIM: [&str; 14] = [
    "\"CN=\" + EscapeDNComponent(\"CN=\" + displayName) + \",OU=People,DC=contoso,DC=com\"",
    "IIF(IsPresent(mail), LowerCase(Trim(mail)), Null())",
    "IIF(Eq(employeeType, \"Intern\"), \"t-\" + Left(givenName, 1) + sn, $InitialPassword)",
    "+(LeftPad(employeeID, 8, \"0\"), Right(sn, 3), Mid(\"é😀\", 2, 5), CRLF())",
    "BitOr(2, BitAnd(-3, userAccountControl))",
    "DateTimeFormat(\"2013-01-10T16:05:09.123\", \"yyyyMMddHHmmss.fff\")",
    "ReplaceString(Word(description, 2, \";$&%\"), \"\\n\", RightPad(\"\", 4, \"x\"))",
    "ProperCase(UpperCase(LTrim(RTrim(SingleValueAssignment([//Target/Name])))))",
    "ConvertSidToString(objectSid)",
    "ConvertStringToGuid(\"01234567-89ab-cdef-0123-456789abcdef\")",
    "IIF(LessThan(n, 5), GreaterThan(n, -1), NotEquals(n, \"a\"\"b\"))",
    "LessThanOrEquals(n, GreaterThanOrEquals(n, RandomNum(1, 6)))",
    "AccountName(Concatenate(givenName, \".\", sn), mail)",
    "RandomPassword(16) + Guid()",
];

/// Expressions of Entra Connect.
const ENTRA: [&str; 22] = [
    "IIF([cloudFiltered] = True && [n] <> &HFF, NULL, IgnoreThisFlow)",
    "Switch([a] = 1, AuthoritativeNull, True, -(2 + 3 * [n]))",
    "With($x, [proxyAddresses], Select($i, $x, Replace($i, \"\\n\", CRLF)))",
    "Where($i, [proxyAddresses], Left($i, InStr($i, \":\")) = \"SMTP:\" || False)",
    "Item([proxyAddresses], Contains([proxyAddresses], \"SMTP:\", CaseInsensitive))",
    "Join(RemoveDuplicates(Trim(ImportedValue(\"proxyAddresses\"))), \",\")",
    "Count(Split(PadLeft(\"\", 1000000, \",\"), \",\"))",
    "ItemOrNull(Split(PCase(LCase([mail])), \"@\", 2), 2) & UCase(%Forest.LDAP%)",
    "CStr(CNum(CBool([n]))) & CRef(\"cn=a\") & CGuid(\"{00001111-aaaa-2222-bbbb-3333cccc4444}\")",
    "ConvertFromBase64(ConvertToBase64([a]), UTF8)",
    "ConvertFromUTF8Hex(ConvertToUTF8Hex(StringFromGuid([objectGUID])))",
    "StringFromSid(CBin(DateFromNum(NumFromDate(CDate(\"2020-03-16-07:00\"))), 8))",
    "FormatDateTime(DateAdd(\"ww\", 3, Now()), \"dddd, d MMMM yyyy h:mm tt zzz\")",
    "DNComponentRev([manager], 1, DC) & DNComponent([manager], 2)",
    "EscapeDNComponent(\"cn=\" & [displayName]) & Mid([b], 2, 3) & Right([b], 1)",
    "InStrRev([a], \"b\", -1, vbTextCompare) + Len(Word([a], 1, \" \")) - ValueCount(\"member\")",
    "IsBitSet(BitAnd([n], 2), BitOr(1, 4)) || IsDate([a]) || IsGuid([a]) || IsNumeric([a])",
    "IsNull([a]) || IsEmpty([a]) || IsNullOrEmpty([a]) || IsPresent([a]) || IsString([a])",
    "ReplaceChars(LTrim(RTrim(PadRight([a], 9, \"x\"))), \"ä:ae,ö:oe\") & Error(\"no\")",
    "Coalesce(Append([a], \"x\"), ToLower([b], \"tr\"), ToUpper(NormalizeDiacritics(\"Zoë\")))",
    "SelectUniqueValue(StripSpaces([a]), Redact(RandomString(10, 2, 2, 2, 1, \"?,\")))",
    "IgnoreFlowIfNullOrEmpty(Not(DateDiff(\"d\", Now(), CertNotAfter([c])) > CertVersion([c])))",
];

/// An object for expressions to be evaluated on.
const OBJECT: &str = r#"{"mail":"Ada@Contoso.com","n":514,"a":"x y","cloudFiltered":true,"proxyAddresses":["SMTP:a@x","smtp:b@x"],"objectSid":{"bin":"010100000000000512000000"},"b":{"bin":"00ff10"},"manager":{"ref":"CN=Boss,DC=x"},"since":{"dt":"2020-01-01T00:00:00Z"}}"#;

const STORED: [&str; 5] = [
    "<fn id=\"IIF\" isCustomExpression=\"true\"><arg><fn id=\"Eq\"><arg>a</arg><arg>\"x\"</arg></fn></arg><arg>514</arg><arg>$p</arg></fn>",
    "<fn id='+'><arg>\"&#65;&apos;\"</arg><arg><![CDATA[\"<\"]]></arg><arg>[//Target/Name]</arg></fn>",
    "<export-flow allows-null=\"false\"><src><attr>a</attr><attr/></src><dest>dn</dest><scoping></scoping><fn id=\"CRLF\"/></export-flow>",
    "<sync-rule-mapping mapping-type=\"expression\"><sync-rule-value><import-flow><src>text</src><dest>company</dest></import-flow></sync-rule-value></sync-rule-mapping>",
    "<mapping><dest>dn</dest><src><attr>cn</attr></src><expression>IIF([a] &lt;&gt; 1, \"x\" &amp; [b], NULL)</expression><valueMergeType>MergeCaseInsensitive</valueMergeType></mapping>",
];

const VECTORS: [&str; 3] = [
    r#"[{"id":"a","dialect":"mim","expr":"Left(a,1)","attrs":{"a":"xy"},"expect":"x"},{"id":"b","dialect":"mim","syntax":"fn-xml","expr":"<fn id='CRLF'/>","dn_style":"extrinsic","expect":{"matches":"^.$"}}]"#,
    r#"[{"id":"c","dialect":"entra","ext":"app-provisioning","expr":"SelectUniqueValue(\"a\",%p%)","params":{"p":"0x2"},"taken":["A"],"now":"2026-01-02T03:04:05Z","schema":["a"],"expect":{"error":"value","message":"m"}}]"#,
    r#"[{"id":"d","dialect":"entra","expr":"ImportedValue(\"m\")","imported":{"m":[{"bin":"00"},{"ref":"cn=x"},{"dt":"2020-01-01T00:00:00Z"},5,true]},"expect":{"range":[0,9]}},{"id":"e","dialect":"entra","expr":"1","expect":[{"null":true},{"flow":"IgnoreThisFlow"}]}]"#,
];

fn expressions() -> impl Iterator<Item = &'static str> {
    MIM.into_iter().chain(ENTRA)
}

/// The seeds of a target.
pub(super) fn of(target: &str) -> Vec<String> {
    let all = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    match target {
        "parse" | "bind" => expressions().map(str::to_owned).collect(),
        "evaluate" => expressions().map(|source| format!("{OBJECT}\n{source}")).collect(),
        // Octets that choose among forms: any will do.
        "agree" => expressions().map(|source| source.repeat(3)).collect(),
        "stored" => all(&STORED),
        "vectors" => all(&VECTORS),
        _ => Vec::new(),
    }
}

/// The words of the seeds, in the notation of libFuzzer.
pub(super) fn dictionary() -> String {
    let texts = expressions().chain(STORED).chain(VECTORS).chain([OBJECT]);
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words: BTreeSet<&str> = texts
        .flat_map(|text| text.split(move |c| !is_part(c)))
        .filter(|word| word.len() > 1 && word.len() < 30)
        .collect();
    let signs =
        ["&&", "||", "<>", "<=", ">=", "&H", "[//", "<![CDATA[", "]]>", "&amp;", "&#", "</"];
    words.into_iter().chain(signs).map(|word| format!("\"{word}\"\n")).collect()
}
