//! What the service answers to a caller it knows. Pure: a request in, a response out.

use crate::http::{Request, Response};
use crate::json;
use crate::keys::Caller;

const QUOTES: [&str; 3] = [
    "Well begun is half done.",
    "Measure twice, cut once.",
    "A journey of a thousand miles begins with a single step.",
];

/// Answers a request of a known caller.
pub fn answer(request: &Request, caller: &Caller) -> Response {
    let segments: Vec<&str> = request.path.split('/').skip(1).collect();
    match (request.method.as_str(), segments.as_slice()) {
        ("GET", ["v1", "quotes"]) => quotes(),
        ("GET", ["v1", "quotes", number]) => quote(number),
        ("POST", ["v1", "echo"]) => {
            Response::json(200, json::object(&[("echo", request.body.as_str())]))
        }
        ("GET", ["v1", "me"]) => me(caller),
        (_, ["v1", "quotes", ..] | ["v1", "me"]) => not_allowed("GET"),
        (_, ["v1", "echo"]) => not_allowed("POST"),
        _ => Response::error(404, "no such route"),
    }
}

fn quotes() -> Response {
    let quotes: Vec<String> = QUOTES.iter().map(|quote| json::string(quote)).collect();
    Response::json(200, format!("[{}]", quotes.join(",")))
}

fn quote(number: &str) -> Response {
    let index = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    match index.and_then(|index| QUOTES.get(index)) {
        Some(quote) => Response::json(200, json::object(&[("quote", quote)])),
        None => Response::error(404, "no such quote"),
    }
}

fn me(caller: &Caller) -> Response {
    let plan = caller.plan.to_string();
    Response::json(200, json::object(&[("owner", &caller.owner), ("plan", &plan)]))
}

fn not_allowed(allowed: &'static str) -> Response {
    Response::error(405, "method not allowed").with_header("Allow", allowed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Plan;

    fn check(method: &str, path: &str, status: u16, body: &str) {
        let request = Request {
            method: method.to_owned(),
            path: path.to_owned(),
            body: "hi".to_owned(),
            ..Request::default()
        };
        let caller = Caller { owner: "acme".to_owned(), plan: Plan::Standard };
        let response = answer(&request, &caller);
        assert_eq!((response.status, response.body.as_str()), (status, body), "{method} {path}");
    }

    #[test]
    fn each_route_has_its_answer() {
        check("GET", "/v1/quotes/2", 200, r#"{"quote":"Measure twice, cut once."}"#);
        check("POST", "/v1/echo", 200, r#"{"echo":"hi"}"#);
        check("GET", "/v1/me", 200, r#"{"owner":"acme","plan":"standard"}"#);
    }

    #[test]
    fn what_is_not_there_is_said() {
        check("GET", "/v1/quotes/0", 404, r#"{"error":"no such quote"}"#);
        check("GET", "/v1/quotes/4", 404, r#"{"error":"no such quote"}"#);
        check("GET", "/v2", 404, r#"{"error":"no such route"}"#);
        check("DELETE", "/v1/quotes", 405, r#"{"error":"method not allowed"}"#);
        check("GET", "/v1/echo", 405, r#"{"error":"method not allowed"}"#);
    }
}
