//! Scripted faults and the record of requests.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// An answer that takes the place of the real one.
///
/// As JSON for `POST /_sim/faults` only `path` and `status` are needed:
///
/// ```json
/// {"method": "GET", "path": "/v1.0/users", "status": 503, "headers": {"Retry-After": "1"},
///  "body": "busy", "after": 0, "times": 2, "cut": false}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The HTTP method it is for; `None` for all.
    #[serde(default)]
    pub method: Option<String>,
    /// How the request's path must begin, e.g. `/v1.0/users/delta`.
    pub path: String,
    /// The status to answer.
    pub status: u16,
    /// Headers of the answer.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Body of the answer.
    #[serde(default)]
    pub body: String,
    /// How many matching requests pass before the first is answered so; `after` in JSON.
    #[serde(default, rename = "after")]
    pub skip: u32,
    /// How many requests are answered so.
    #[serde(default = "once")]
    pub times: u32,
    /// Break the connection in the middle of the body.
    #[serde(default)]
    pub cut: bool,
}

const fn once() -> u32 {
    1
}

impl Fault {
    /// One answer of `status` for the next request with `method` whose path begins with `path`.
    #[must_use]
    pub fn new(method: &str, path: &str, status: u16) -> Self {
        Self {
            method: Some(method.to_owned()),
            path: path.to_owned(),
            status,
            headers: BTreeMap::new(),
            body: String::new(),
            skip: 0,
            times: 1,
            cut: false,
        }
    }

    /// The same fault with a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_owned(), value.to_owned());
        self
    }

    /// The same fault with a body.
    #[must_use]
    pub fn body(mut self, body: &str) -> Self {
        body.clone_into(&mut self.body);
        self
    }

    /// The same fault, `times` times.
    #[must_use]
    pub const fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// The same fault after `skip` matching requests.
    #[must_use]
    pub const fn after(mut self, skip: u32) -> Self {
        self.skip = skip;
        self
    }

    /// The same fault, with the connection broken in the middle of the body.
    #[must_use]
    pub const fn cut(mut self) -> Self {
        self.cut = true;
        self
    }

    fn matches(&self, method: &str, path: &str) -> bool {
        let is_method = self.method.as_deref().is_none_or(|m| m.eq_ignore_ascii_case(method));
        is_method && path.starts_with(&self.path)
    }
}

/// How often something was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestCount {
    /// The method.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// How many requests there were, those answered by a fault included.
    pub count: u64,
}

/// The queue of faults and the count of requests.
#[derive(Debug, Default)]
pub(super) struct Traffic {
    faults: Vec<Fault>,
    counts: BTreeMap<(String, String), u64>,
}

impl Traffic {
    pub(super) fn inject(&mut self, fault: Fault) {
        if fault.times > 0 {
            self.faults.push(fault);
        }
    }

    pub(super) fn clear_faults(&mut self) {
        self.faults.clear();
    }

    /// Counts a request and takes the fault that answers it, if one does.
    pub(super) fn take(&mut self, method: &str, path: &str) -> Option<Fault> {
        *self.counts.entry((method.to_owned(), path.to_owned())).or_default() += 1;
        let mut taken = None;
        for fault in self.faults.iter_mut().filter(|f| f.matches(method, path)) {
            if fault.skip > 0 {
                fault.skip -= 1;
            } else {
                fault.times = fault.times.saturating_sub(1);
                taken = Some(fault.clone());
                break;
            }
        }
        self.faults.retain(|f| f.times > 0);
        taken
    }

    pub(super) fn counts(&self) -> Vec<RequestCount> {
        let count = |((method, path), count): (&(String, String), &u64)| RequestCount {
            method: method.clone(),
            path: path.clone(),
            count: *count,
        };
        self.counts.iter().map(count).collect()
    }
}

/// The body of a throttled answer.
pub(super) fn throttled_body() -> String {
    let error = serde_json::json!({
        "error": { "code": "TooManyRequests", "message": "Slow down.", "innerError": { "code": "429" } }
    });
    Value::to_string(&error)
}
