//! Whatever goes wrong, no secret shows: not in what the binary prints at its most talkative, and
//! not in any file.

use net::{TlsTrust, http_client};
use serde_json::{Value, json};
use sim::directory::{Effect, Fault, Operation};
use sim::tenant;
use toml_edit::value;

use super::{assert_whole, invite};
use crate::deployment::{BIND_PASSWORD, CLIENT_ID, CLIENT_SECRET, Deployment, Kind};

const PASSWORD: &str = "Known-Password-4711-Xy";

/// The deployment with a password for new accounts that we know.
fn deployment() -> Deployment {
    let deployment = Deployment::recommended(Kind::Simulated);
    deployment.edit("rules/out-b2b-ad.toml", |document| {
        let flows = document["flow"].as_array_of_tables_mut().unwrap();
        let flow = flows.iter_mut().find(|f| f["to"].as_str() == Some("unicodePwd")).unwrap();
        // In two pieces, so that the text of the rule is not what we look for.
        let (begin, end) = PASSWORD.split_at(10);
        flow["from"] = value(format!("\"{begin}\"+\"{end}\""));
    });
    for number in 0..3 {
        invite(&deployment, number);
    }
    deployment.done(&["apply"]);
    deployment
}

/// How every access token of the tenant begins: the header with the key's id.
fn token_prefix(deployment: &Deployment) -> String {
    let trust = TlsTrust::Bundle(deployment.tenant.ca_pem().as_bytes().to_vec());
    let client = http_client(&trust).unwrap();
    let (root, name) = (deployment.tenant.base_url(), deployment.tenant.name());
    let scope = format!("{root}/.default");
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", CLIENT_ID),
        ("client_secret", CLIENT_SECRET),
        ("scope", &scope),
    ];
    let request = client.post(format!("{root}/{name}/oauth2/v2.0/token")).form(&form);
    let answer = deployment.block_on(async { request.send().await?.json::<Value>().await });
    let answer = answer.unwrap();
    let token = answer["access_token"].as_str().unwrap();
    token.split('.').next().unwrap().to_owned()
}

/// What was said where, and what must not be in it.
struct Watch {
    secrets: Vec<String>,
    heard: usize,
}

impl Watch {
    fn new(deployment: &Deployment) -> Self {
        let token = token_prefix(deployment);
        let words = [PASSWORD, CLIENT_SECRET, BIND_PASSWORD, &token, "Bearer ", "Authorization:"];
        Self { secrets: words.map(str::to_lowercase).into(), heard: 0 }
    }

    /// Looks for secrets as text, in the directory's double octets, and in lists of numbers.
    fn check(&mut self, place: &str, bytes: &[u8]) {
        self.heard += bytes.len();
        let bytes = bytes.to_ascii_lowercase();
        for secret in &self.secrets {
            let wide: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
            for needle in [secret.as_bytes(), &wide] {
                let found = bytes.windows(needle.len()).any(|window| window == needle);
                assert!(!found, "{} is in {place}", &secret[..8]);
            }
        }
        for secret in [PASSWORD, CLIENT_SECRET, BIND_PASSWORD] {
            let narrow = listed(secret.bytes());
            let wide = listed(secret.encode_utf16().flat_map(u16::to_le_bytes));
            for needle in [narrow, wide] {
                let found = bytes.windows(needle.len()).any(|window| window == needle.as_bytes());
                assert!(!found, "the numbers of {} are in {place}", &secret[..8]);
            }
        }
    }

    /// A run at its most talkative, and every file after it.
    fn run(&mut self, deployment: &Deployment, name: &str, fault: &str) {
        let output = deployment.output(&["run", "--sequence", name, "-vvv"]);
        self.check(&format!("the output after {fault}"), &output.stdout);
        self.check(&format!("the log after {fault}"), &output.stderr);
        for command in [&["history"][..], &["pending"], &["cs", "search", "adma"], &["status"]] {
            let output = deployment.output(&[command, &["-vvv", "--json"]].concat());
            self.check(&format!("{command:?} after {fault}"), &output.stdout);
            self.check(&format!("the log of {command:?} after {fault}"), &output.stderr);
        }
        self.files(deployment, fault);
    }

    fn files(&mut self, deployment: &Deployment, fault: &str) {
        for entry in std::fs::read_dir(deployment.folder.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                self.check(&format!("{} after {fault}", path.display()), &read(&path));
            }
        }
    }
}

/// A file that may be gone by now.
fn read(path: &std::path::Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_default()
}

fn listed(bytes: impl Iterator<Item = u8>) -> String {
    bytes.map(|byte| byte.to_string()).collect::<Vec<_>>().join(", ")
}

#[test]
fn no_fault_of_the_tenant_shows_a_secret() {
    let deployment = deployment();
    let mut watch = Watch::new(&deployment);
    let delta =
        |status| tenant::Fault::new("GET", "/v1.0/users/delta", status).header("Retry-After", "0");
    let token = |status| {
        let path = format!("/{}/oauth2/v2.0/token", deployment.tenant.name());
        tenant::Fault::new("POST", &path, status).header("Retry-After", "0")
    };
    let page = "<html>Please sign in</html>";
    let echo = json!({
        "error": "invalid_client",
        "error_description": format!("AADSTS7000215: Invalid client secret {CLIENT_SECRET}."),
    });
    for fault in [
        delta(429).times(11),
        delta(500).times(6),
        delta(401).times(2),
        delta(403).body(page),
        delta(410),
        delta(200).body(page),
        delta(200).body("{\"value\":[").cut(),
        token(500).times(6),
        token(401).body(&echo.to_string()),
        token(400).body(page),
        token(200).body(page),
    ] {
        let named = format!("{fault:?}");
        deployment.tenant.inject(fault);
        watch.run(&deployment, "b2b", &named);
    }
    watch.run(&deployment, "b2b", "the end");
    assert!(watch.heard > 100_000, "the log is silent: {}", watch.heard);
    assert_whole(&deployment, &["b2b"]);
}

#[test]
fn no_fault_of_the_directory_shows_a_secret() {
    let deployment = deployment();
    let mut watch = Watch::new(&deployment);
    let answer = |code: u32| Effect::Answer { code, message: "00002098: refused".to_owned() };
    for (number, (operation, effect)) in [
        (Operation::Bind, answer(49)),
        (Operation::Bind, Effect::DropAfter),
        (Operation::Bind, Effect::Raw(vec![0x30, 0x50, 0x02])),
        (Operation::Search, answer(1)),
        (Operation::Add, answer(50)),
        (Operation::Add, answer(52)),
        (Operation::Add, answer(19)),
        (Operation::Add, Effect::DropBefore),
        (Operation::Add, Effect::DropAfter),
        (Operation::Add, Effect::Notice),
        (Operation::Add, Effect::Raw(vec![0x30, 0x50, 0x02])),
        (Operation::Add, Effect::ExtendedAnswer),
        (Operation::Modify, Effect::DropAfter),
    ]
    .into_iter()
    .enumerate()
    {
        invite(&deployment, 10 + number);
        let named = format!("{operation:?} {effect:?}");
        deployment.simulated().inject(Fault::once(operation, effect));
        watch.run(&deployment, "b2b", &named);
    }
    deployment.simulated().clear_faults();
    for _ in 0..2 {
        watch.run(&deployment, "b2b", "the end");
    }
    assert!(watch.heard > 100_000, "the log is silent: {}", watch.heard);
    assert_whole(&deployment, &["b2b"]);
}
