//! What keeps portal and gateway from being served is named, with what to do.

use std::net::TcpListener;
use std::process::{Command, Stdio};

use crate::deployment::{Deployment, Kind};

/// What a command that must fail says.
fn failing(deployment: &Deployment, arguments: &[&str], secret: bool) -> String {
    let proxeny = deployment.command(arguments);
    // One that serves instead would never end.
    let mut command = Command::new("timeout");
    command.arg("60").arg(proxeny.get_program()).args(proxeny.get_args());
    command.envs(proxeny.get_envs().filter_map(|(name, value)| Some((name, value?))));
    if secret {
        command.env("PROXENY_GATEWAY_SECRET", "gateway-secret-5c1d");
    }
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    text
}

fn says(text: &str, parts: &[&str]) {
    parts.iter().for_each(|part| assert!(text.contains(part), "no {part:?} in:\n{text}"));
}

#[test]
fn without_portal_and_gateway_there_is_nothing_to_serve() {
    let deployment = Deployment::documented(Kind::Simulated);
    deployment.edit("proxeny.toml", |document| {
        document.remove("api");
    });
    says(&failing(&deployment, &["serve"], false), &["nothing to serve", "add [api]"]);
    says(&failing(&deployment, &["gateway"], false), &["no gateway", "gateway.toml"]);
    says(&failing(&deployment, &["doctor", "gateway"], false), &["no gateway", "gateway.toml"]);
}

#[test]
fn files_secrets_and_ports_that_are_not_there_are_named() {
    let deployment = Deployment::recommended(Kind::Simulated);
    let folder = deployment.folder.path();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = |address: String| {
        deployment.edit("gateway.toml", |document| {
            document["listen"] = toml_edit::value(address);
        });
    };
    deployment.edit("proxeny.toml", |document| {
        document["api"]["listen"] = toml_edit::value("127.0.0.1:0");
    });
    listen(taken.local_addr().unwrap().to_string());
    says(
        &failing(&deployment, &["serve"], true),
        &["cannot listen on 127.0.0.1", "another process"],
    );
    listen("127.0.0.1:0".to_owned());
    says(&failing(&deployment, &["serve"], false), &["PROXENY_GATEWAY_SECRET", "not set"]);
    says(&failing(&deployment, &["serve"], true), &["cannot read", "gateway.pem"]);
    let authority = sim::tls::Authority::new().unwrap();
    let (certificate, _key) = authority.server_pem(&["localhost"]).unwrap();
    let (_certificate, key) = authority.server_pem(&["localhost"]).unwrap();
    std::fs::write(folder.join("gateway.pem"), certificate).unwrap();
    std::fs::write(folder.join("gateway.key"), key).unwrap();
    says(&failing(&deployment, &["serve"], true), &["gateway.pem", "the key that belongs to it"]);
    let (certificate, key) = authority.server_pem(&["localhost"]).unwrap();
    std::fs::write(folder.join("gateway.pem"), certificate).unwrap();
    std::fs::write(folder.join("gateway.key"), key).unwrap();
    says(&failing(&deployment, &["serve"], true), &["the portal's Kerberos keys", "portal.keytab"]);
}
