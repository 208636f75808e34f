//! People: they sign in at the tenant as a browser would, and then ask with their session.

use std::collections::BTreeMap;

use super::client::{Address, Client};
use super::stage::Stage;
use crate::Failure;

/// What a browser sends along with every request.
const BROWSER: &str = "User-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n\
                       Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n\
                       Accept-Language: fr,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br\r\n\
                       Sec-Fetch-Mode: navigate\r\n";
const SESSION: &str = "__Host-proxeny-gw";

/// A request for `path`; `cookie` is whole `name=value` pairs, or nothing.
pub(super) fn request(host: &str, path: &str, cookie: &str) -> Vec<u8> {
    let cookie = if cookie.is_empty() { String::new() } else { format!("Cookie: {cookie}\r\n") };
    format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{BROWSER}{cookie}\r\n").into_bytes()
}

/// Signs `person` (an object id) in at the application of `address`; gives the session's cookie.
pub(super) async fn sign_in(
    stage: &Stage,
    address: &Address,
    person: &str,
) -> Result<String, Failure> {
    let mut client = Client::connect(address).await?;
    let host = &address.host;
    let head = client.ask(&request(host, "/", "")).await?;
    let mut jar = BTreeMap::new();
    keep(&mut jar, &head);
    let callback = choose(stage, field(&head, "location")?, person).await?;
    let path = callback
        .strip_prefix(&format!("https://{host}"))
        .ok_or_else(|| format!("the tenant sends the browser to {callback}"))?;
    let head = client.ask(&request(host, path, &cookies(&jar))).await?;
    keep(&mut jar, &head);
    let value = jar.get(SESSION).ok_or_else(|| format!("no session: {head}"))?;
    Ok(format!("{SESSION}={value}"))
}

/// Signs in at the tenant; gives where it sends the browser.
async fn choose(stage: &Stage, url: &str, person: &str) -> Result<String, Failure> {
    let page = stage.http.get(url).send().await?.text().await?;
    let token = page
        .split_once("name=\"token\" value=\"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .map(|(token, _)| token)
        .ok_or_else(|| format!("the tenant's page has no form: {page}"))?;
    let url = format!("{}/{}/oauth2/v2.0/login", stage.tenant.base_url(), stage.tenant.tenant_id());
    let form = [("token", token), ("person", person)];
    let response = stage.http.post(url).form(&form).send().await?;
    let location = response.headers().get(net::header::LOCATION);
    let location = location.ok_or_else(|| format!("no way back: {}", response.status()))?;
    Ok(location.to_str()?.to_owned())
}

fn fields<'h>(head: &'h str, name: &'h str) -> impl Iterator<Item = &'h str> {
    let fields = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    fields.filter(move |(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

fn field<'h>(head: &'h str, name: &'h str) -> Result<&'h str, Failure> {
    fields(head, name).next().ok_or_else(|| format!("no {name} in {head}").into())
}

fn keep(jar: &mut BTreeMap<String, String>, head: &str) {
    for cookie in fields(head, "set-cookie") {
        let pair = cookie.split(';').next().unwrap_or_default();
        let Some((name, value)) = pair.split_once('=') else { continue };
        if value.is_empty() {
            jar.remove(name);
        } else {
            jar.insert(name.to_owned(), value.to_owned());
        }
    }
}

fn cookies(jar: &BTreeMap<String, String>) -> String {
    let pairs: Vec<String> = jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("; ")
}
