//! `proxeny doctor gateway`: every obstacle is named, with what mends it.

use std::process::Command;

use serde_json::Value;

use crate::deployment::{Kind, Server, objects};
use crate::published::stage::Stage;

/// The checks, by their exit code.
fn doctor(stage: &Stage, more: &[&str]) -> (Vec<Value>, i32) {
    let arguments = [&["doctor", "gateway", "--json"], more].concat();
    run(&mut stage.command(&arguments))
}

fn run(command: &mut Command) -> (Vec<Value>, i32) {
    let output = command.output().unwrap();
    (objects(&output), output.status.code().unwrap())
}

/// The bad check with this code, with what mends it.
fn obstacle(checks: &[Value], code: &str) -> String {
    let is_it = |check: &&Value| check["verdict"] == "bad" && check["code"] == code;
    let found = checks.iter().find(is_it).unwrap_or_else(|| panic!("no {code}: {checks:#?}"));
    let mend = found["mend"].as_array().unwrap();
    assert!(!mend.is_empty(), "{found}");
    mend.iter().map(|line| line.as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

#[test]
fn g5_067_each_obstacle_is_named_with_what_mends_it() {
    let mut stage = Stage::set(Kind::Samba);
    let (checks, code) = doctor(&stage, &[]);
    assert_eq!(code, 0, "{checks:#?}");
    let Server::Samba(samba) = &stage.deployment.directory else { unreachable!() };
    let guest = samba.ldapsearch(
        "OU=B2BGuest,DC=contoso,DC=com",
        "(displayName=Ada Lind)",
        &["sAMAccountName"],
    );
    let guest = guest.unwrap();
    let name = guest.lines().find_map(|line| line.strip_prefix("sAMAccountName: ")).unwrap();
    let (checks, code) = doctor(&stage, &["--account", name]);
    assert_eq!(code, 0, "{checks:#?}");
    assert!(checks.iter().any(|c| c["check"] == "ticket to HTTP/portal.contoso.com"));

    // Delegation not granted.
    let service = "msDS-AllowedToDelegateTo: HTTP/portal.contoso.com\n";
    samba.modify("gatewaysvc", &format!("delete: msDS-AllowedToDelegateTo\n{service}")).unwrap();
    let (checks, code) = doctor(&stage, &["--account", name]);
    assert_eq!(code, 1);
    let mend = obstacle(&checks, "delegation-not-granted");
    assert!(mend.contains("samba-tool delegation add-service gatewaysvc HTTP/portal"), "{mend}");
    // Doing what it says mends it.
    samba
        .samba_tool(&["delegation", "add-service", "gatewaysvc", "HTTP/portal.contoso.com"])
        .unwrap();
    samba.samba_tool(&["delegation", "for-any-protocol", "gatewaysvc", "off"]).unwrap();
    let (checks, _) = doctor(&stage, &[]);
    let mend = obstacle(&checks, "no-protocol-transition");
    assert!(mend.contains("samba-tool delegation for-any-protocol gatewaysvc on"), "{mend}");
    samba.samba_tool(&["delegation", "for-any-protocol", "gatewaysvc", "on"]).unwrap();
    assert_eq!(doctor(&stage, &[]).1, 0);

    // The clock is wrong.
    let mut skewed = Command::new("faketime");
    let proxeny = stage.command(&["doctor", "gateway", "--json"]);
    skewed.args(["-f", "+10m"]).arg(proxeny.get_program()).args(proxeny.get_args());
    skewed.envs(proxeny.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let (checks, code) = run(&mut skewed);
    assert_eq!(code, 1);
    obstacle(&checks, "clock-skew");

    // The key table is stale, lacks the account, is not there.
    samba.change_password("gatewaysvc").unwrap();
    let (checks, _) = doctor(&stage, &[]);
    let stale = checks.iter().find(|check| check["check"] == "own ticket").unwrap();
    assert_eq!(stale["verdict"], "bad", "{stale}");
    let other = stage.deployment.folder.path().join("other.keytab");
    samba.export_keytab("portalsvc", &other).unwrap();
    for (path, check) in [("other.keytab", "key table"), ("missing.keytab", "key table")] {
        stage.deployment.edit("gateway.toml", |document| {
            document["kerberos"]["keytab"] = toml_edit::value(path);
        });
        let (checks, code) = doctor(&stage, &[]);
        assert_eq!(code, 1);
        let found = checks.iter().find(|c| c["check"] == check).unwrap();
        assert_eq!(found["verdict"], "bad", "{found}");
        assert!(!found["mend"].as_array().unwrap().is_empty(), "{found}");
    }

    // Nobody is there.
    let Server::Samba(samba) = &mut stage.deployment.directory else { unreachable!() };
    samba.stop();
    let began = std::time::Instant::now();
    let (checks, code) = doctor(&stage, &[]);
    assert_eq!(code, 1);
    assert!(began.elapsed() < std::time::Duration::from_secs(30), "{:?}", began.elapsed());
    let is_centre =
        |check: &&Value| check["check"].as_str().unwrap().starts_with("distribution centre");
    assert_eq!(checks.iter().find(is_centre).unwrap()["verdict"], "bad", "{checks:#?}");
    stage.end();
}
