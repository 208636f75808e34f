//! The authorization endpoint: people sign in by choosing themselves from a list.
//!
//! Whoever can reach the tenant can be anybody; what is real is everything after the choice.

use std::cmp::Reverse;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::answer::SignInError;
use super::discovery::check_tenant;
use super::fields::Fields;
use super::intake::Call;
use super::pages::{self, Choice, Picker};
use super::person::Person;
use super::question::{Prompt, Question, Refusal};
use super::sessions::Asked;
use super::world::{World, new_id, new_secret};

/// The cookie of a browser's session.
pub(super) const COOKIE: &str = "__Host-sim-tenant-session";
/// How many people the page shows.
const PEOPLE_MAX: usize = 100;

/// Answers an authorization request, which may come as query or as form.
pub(super) async fn authorize(
    Shared(world): Shared<Arc<World>>,
    Extension(call): Extension<Call>,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    fields: Fields,
) -> Response {
    let question = check_tenant(&world, &tenant)
        .map_err(Refusal::Page)
        .and_then(|()| Question::read(&fields, &world, &call.origin));
    match question {
        Ok(question) => answer(&world, &question, session_cookie(&headers)),
        Err(Refusal::Page(error)) => pages::refusal(&error),
        Err(Refusal::Back(return_to, error)) => return_to.refuse(&error),
    }
}

fn answer(world: &World, question: &Question, cookie: &str) -> Response {
    let Question { asked, prompt, login_hint } = question;
    let hint = login_hint.as_deref();
    let person = signed_in(world, cookie).filter(|p| hint.is_none_or(|h| p.is_called(h)));
    let refusal = match (person, prompt) {
        (Some(person), Prompt::IfNeeded | Prompt::Never) => {
            match admit(world, &asked.client_id, &person) {
                Ok(()) => return send_code(world, cookie, &person, asked),
                Err(error) => Some(error),
            }
        }
        _ => None,
    };
    if *prompt == Prompt::Never {
        let text = "Nobody is signed in whom the request could be about.";
        let error = refusal.unwrap_or_else(|| SignInError::new("login_required", 50_058, text));
        return asked.return_to.refuse(&error);
    }
    choose_page(world, asked, hint, refusal.as_ref())
}

/// Who is signed in with this browser and can go on.
fn signed_in(world: &World, cookie: &str) -> Option<Person> {
    let now = world.now().seconds();
    let user = world.signins().session(cookie, now)?.user.clone();
    world.person(&user).filter(|p| !p.is_blocked() && !p.is_pending())
}

/// Takes the choice of a person and goes back to the application with a code.
pub(super) async fn choose(
    Shared(world): Shared<Arc<World>>,
    headers: HeaderMap,
    fields: Fields,
) -> Response {
    let now = world.now().seconds();
    let asked = fields.get("token").and_then(|token| world.signins().take(token, now));
    let Some(asked) = asked else {
        let text = "The page was answered before, is too old, or is not of this tenant.";
        return pages::refusal(&SignInError::new("invalid_request", 165_000, text));
    };
    if fields.get("cancel").is_some() {
        let text = "The user cancelled the sign-in.";
        return asked.return_to.refuse(&SignInError::new("access_denied", 65_004, text));
    }
    let key = fields.get("address").or_else(|| fields.get("person")).unwrap_or_default().trim();
    let Some(person) = find(&world, key) else {
        let text = format!("There is no account '{key}' in the directory.");
        let error = SignInError::new("invalid_grant", 50_034, text);
        return choose_page(&world, &asked, None, Some(&error));
    };
    if let Err(error) = admit(&world, &asked.client_id, &person) {
        return choose_page(&world, &asked, Some(person.id()), Some(&error));
    }
    let accepted = person.acceptance(world.now());
    if world.state().update(person.id(), accepted).is_err() {
        let text = "The account was deleted meanwhile.";
        return pages::refusal(&SignInError::new("invalid_grant", 50_034, text));
    }
    let cookie = new_secret();
    let old = session_cookie(&headers);
    world.signins().sign_in(old, cookie.clone(), person.id(), new_id(), now);
    let mut response = send_code(&world, &cookie, &person, &asked);
    set_session_cookie(&mut response, &cookie, "");
    response
}

fn find(world: &World, key: &str) -> Option<Person> {
    world.person(key).or_else(|| world.people().into_iter().find(|p| p.is_called(key)))
}

/// Checks that a person may sign in to an application.
pub(super) fn admit(world: &World, client_id: &str, person: &Person) -> Result<(), SignInError> {
    if person.is_blocked() {
        return Err(SignInError::new("invalid_grant", 50_057, "The user account is disabled."));
    }
    let registration = world.registration(client_id);
    let is_assigned = || registration.assigned.iter().any(|key| person.is_called(key));
    if registration.assignment_required && !is_assigned() {
        let text = "The signed in user is not assigned to a role for the application.";
        return Err(SignInError::new("access_denied", 50_105, text));
    }
    Ok(())
}

fn send_code(world: &World, cookie: &str, person: &Person, asked: &Asked) -> Response {
    let code = new_secret();
    let issued = world.signins().issue(code.clone(), cookie, asked, world.now().seconds());
    let Some(sid) = issued else {
        let text = "The session ended meanwhile.";
        return asked.return_to.refuse(&SignInError::new("login_required", 50_058, text));
    };
    let info = client_info(world, person);
    let mut fields = vec![("code", code.as_str()), ("session_state", &sid)];
    if asked.with_client_info {
        fields.push(("client_info", &info));
    }
    asked.return_to.answer(&fields)
}

/// By what libraries tell accounts apart: the user and the tenant where it is at home.
pub(super) fn client_info(world: &World, person: &Person) -> String {
    let home = if person.is_external() { person.home_tenant() } else { world.tenant_id.clone() };
    URL_SAFE_NO_PAD.encode(json!({ "uid": person.id(), "utid": home }).to_string())
}

fn choose_page(
    world: &World,
    asked: &Asked,
    hint: Option<&str>,
    refusal: Option<&SignInError>,
) -> Response {
    let token = new_secret();
    world.signins().begin(token.clone(), asked.clone(), world.now().seconds());
    let mut people: Vec<(bool, Person)> = world
        .people()
        .into_iter()
        .map(|person| (hint.is_some_and(|h| person.is_called(h)), person))
        .collect();
    // Whoever is meant must be on the page, however many people there are.
    people.sort_by_cached_key(|(is_picked, p)| (Reverse(*is_picked), p.name().to_lowercase()));
    let is_cut = people.len() > PEOPLE_MAX;
    let choice = |(is_picked, person): &(bool, Person)| Choice {
        id: person.id().to_owned(),
        name: person.name().to_owned(),
        note: person.note(),
        is_picked: *is_picked,
    };
    let people: Vec<Choice> = people.iter().take(PEOPLE_MAX).map(choice).collect();
    let picker = Picker {
        tenant: &world.name,
        client_id: &asked.client_id,
        redirect_uri: &asked.return_to.redirect_uri,
        token: &token,
        people: &people,
        is_cut,
        refusal,
    };
    picker.page()
}

/// The value of the session cookie, empty without one.
pub(super) fn session_cookie(headers: &HeaderMap) -> &str {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
    let mut pairs = all.flat_map(|line| line.split(';')).filter_map(|p| p.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map_or("", |(_, value)| value)
}

/// Sets the session cookie. It goes along in frames of other sites too, as applications that renew
/// a sign-in without a page need it.
pub(super) fn set_session_cookie(response: &mut Response, value: &str, more: &str) {
    let cookie = format!("{COOKIE}={value}; Path=/; Secure; HttpOnly; SameSite=None{more}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}
