//! Login at a server's authorization server: what is kept of it, and the way through the browser. Opens no browser.

use std::sync::Arc;
use std::time::Duration;

use conversation::Later;
use reqwest::Url;
use rmcp::transport::auth::{
    AuthError, AuthorizationManager, AuthorizationRequest, CredentialStore, OAuthClientConfig,
    OAuthHttpClient, OAuthHttpClientError, OAuthHttpClientFuture, OAuthHttpRedirectPolicy, OAuthHttpRequest,
    OAuthState, StoredCredentials,
};
use spec::settings::mcp::Oauth;

use crate::ask::Tokens;
use crate::callback::Callback;
use crate::web::{Redirects, chain, client};
use http_client::Network;

/// How long a person may take in the browser.
const BROWSING: Duration = Duration::from_secs(300);

/// The largest document of an authorization server, in bytes.
const DOCUMENT_BYTES_MAX: usize = 1024 * 1024;

/// How long one request to it may take.
const REQUEST: Duration = Duration::from_secs(30);

/// What a login is about.
pub(crate) struct Login<'a> {
    pub(crate) server: &'a str,
    pub(crate) url: &'a str,
    pub(crate) oauth: &'a Oauth,
    /// What the server said when it refused, when it did.
    pub(crate) challenge: Option<&'a str>,
    pub(crate) web: &'a Network,
    pub(crate) tokens: Arc<dyn Tokens>,
}

/// Shows a person the page to log in at: opens a browser, or prints the address.
pub trait Browser: Send + Sync {
    /// Opens the page. Does not wait for the person.
    ///
    /// # Errors
    /// Why it cannot; the login is given up then.
    fn open<'a>(&'a self, url: &'a str) -> Later<'a, Result<(), String>>;
}

/// The key under which the tokens of a server are kept: its name and where it is, so that a changed address gets no old token.
pub(crate) fn token_key(server: &str, url: &str) -> String {
    let at = Url::parse(url).map_or_else(|_| url.to_string(), |url| url.origin().ascii_serialization());
    format!("{server} {at}")
}

impl Login<'_> {
    async fn manager(&self) -> Result<AuthorizationManager, String> {
        let http = Arc::new(OwnClient::new(self.web, self.url)?);
        let manager = AuthorizationManager::new_with_oauth_http_client(self.url, http).await;
        let mut manager = manager.map_err(|error| chain(&error))?;
        manager.set_credential_store(self.kept());
        Ok(manager)
    }

    fn kept(&self) -> Kept {
        Kept { key: token_key(self.server, self.url), tokens: Arc::clone(&self.tokens) }
    }

    /// The way to tokens of an earlier login, refreshed when they must be. `None` when there was none.
    pub(crate) async fn earlier(&self) -> Result<Option<AuthorizationManager>, String> {
        let stored = self.tokens.load(&token_key(self.server, self.url))?;
        let Some(stored) = stored.and_then(|text| serde_json::from_str::<StoredCredentials>(&text).ok())
        else {
            return Ok(None);
        };
        let mut manager = self.manager().await?;
        if !manager.initialize_from_store().await.map_err(|error| chain(&error))? {
            return Ok(None);
        }
        if let Some(secret) = &self.oauth.client_secret {
            let config =
                OAuthClientConfig::new(stored.client_id, "http://127.0.0.1/").with_client_secret(secret);
            manager.configure_client(config).map_err(|error| chain(&error))?;
        }
        Ok(Some(manager))
    }

    /// Takes a person through a new login and keeps what it gave.
    pub(crate) async fn run(&self, browser: &dyn Browser) -> Result<(), String> {
        let callback = Callback::listen(self.oauth.redirect_uri.as_deref()).await?;
        let http = Arc::new(OwnClient::new(self.web, self.url)?);
        let manager = self.manager().await?;
        let mut state =
            OAuthState::new_with_oauth_http_client(self.url, http).await.map_err(|it| chain(&it))?;
        if let OAuthState::Unauthorized(unauthorized) = &mut state {
            *unauthorized = manager;
        }
        let mut request = AuthorizationRequest::new(callback.redirect_uri())
            .with_client_name("Waypost")
            .with_application_type("native");
        let scopes = self.scopes();
        if !scopes.is_empty() {
            request = request.with_scopes(scopes);
        }
        if let Some(id) = &self.oauth.client_id {
            request = request.with_preregistered_client(id);
            if let Some(secret) = &self.oauth.client_secret {
                request = request.with_client_secret(secret);
            }
        }
        if let Some(url) = &self.oauth.client_metadata_url {
            request = request.with_client_metadata_url(url);
        }
        if let Some(challenge) = self.challenge.filter(|challenge| !challenge.is_empty()) {
            request = request.with_challenge(challenge);
        }
        state.start_authorization(request).await.map_err(|error| chain(&error))?;
        let page = state.get_authorization_url().await.map_err(|error| chain(&error))?;
        crate::config::address(&page).map_err(|_| {
            "its authorization server is reached neither over https nor on this machine".to_string()
        })?;
        browser.open(&page).await?;
        let back = tokio::time::timeout(BROWSING, callback.wait()).await;
        let back = back.map_err(|_| "nobody came back from the browser in time".to_string())??;
        state.handle_callback_url(&back).await.map_err(|error| chain(&error))
    }
}

impl Login<'_> {
    /// The scopes to ask for: those of the entry; where the server wants more than a login gave, what it gave and that. Empty lets
    /// the server's metadata decide.
    fn scopes(&self) -> Vec<String> {
        let mut scopes = self.oauth.scopes.clone();
        let challenge = self.challenge.unwrap_or_default();
        if !challenge.contains("insufficient_scope") {
            return scopes;
        }
        let stored = self.tokens.load(&token_key(self.server, self.url)).ok().flatten();
        let stored = stored.and_then(|text| serde_json::from_str::<StoredCredentials>(&text).ok());
        scopes.extend(stored.into_iter().flat_map(|stored| stored.granted_scopes));
        let wanted = challenge.split_once("scope=\"").and_then(|(_, rest)| rest.split('"').next());
        scopes.extend(wanted.unwrap_or_default().split_whitespace().map(str::to_string));
        let mut seen = std::collections::BTreeSet::new();
        scopes.retain(|scope| seen.insert(scope.clone()));
        scopes
    }
}

/// The tokens of one server, as the SDK wants them.
struct Kept {
    key: String,
    tokens: Arc<dyn Tokens>,
}

impl Kept {
    fn load_now(&self) -> Result<Option<StoredCredentials>, AuthError> {
        let text = self.tokens.load(&self.key).map_err(AuthError::CredentialStoreError)?;
        // What cannot be read any more counts as absent: a new login mends it.
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }

    fn save_now(&self, credentials: &StoredCredentials) -> Result<(), AuthError> {
        let text = serde_json::to_string(credentials)
            .map_err(|error| AuthError::CredentialStoreError(error.to_string()))?;
        self.tokens.save(&self.key, &text).map_err(AuthError::CredentialStoreError)
    }
}

// The trait is one of `async_trait`; these are its methods as that macro writes them.
impl CredentialStore for Kept {
    fn load<'a, 'b>(&'a self) -> Later<'b, Result<Option<StoredCredentials>, AuthError>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(std::future::ready(self.load_now()))
    }

    fn save<'a, 'b>(&'a self, credentials: StoredCredentials) -> Later<'b, Result<(), AuthError>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(std::future::ready(self.save_now(&credentials)))
    }

    fn clear<'a, 'b>(&'a self) -> Later<'b, Result<(), AuthError>>
    where
        'a: 'b,
        Self: 'b,
    {
        let cleared = self.tokens.clear(&self.key).map_err(AuthError::CredentialStoreError);
        Box::pin(std::future::ready(cleared))
    }
}

/// Makes the requests to authorization servers: bounded, and only over https or on this machine.
struct OwnClient {
    web: Network,
}

impl OwnClient {
    fn new(web: &Network, url: &str) -> Result<OwnClient, String> {
        crate::config::address(url)?;
        Ok(OwnClient { web: web.clone() })
    }
}

impl OAuthHttpClient for OwnClient {
    fn execute(&self, request: OAuthHttpRequest) -> OAuthHttpClientFuture<'_> {
        Box::pin(async move {
            let fail = |why: String| -> OAuthHttpClientError { why.into() };
            let redirects = match request.redirect_policy {
                OAuthHttpRedirectPolicy::Follow => Redirects::AtHome,
                _ => Redirects::No,
            };
            let (timeout, request) = (request.timeout.unwrap_or(REQUEST), request.request);
            let mut request = reqwest::Request::try_from(request).map_err(|error| fail(chain(&error)))?;
            crate::config::address(request.url().as_str()).map_err(fail)?;
            *request.timeout_mut() = Some(timeout.min(REQUEST));
            let client = client(&self.web, request.url(), redirects).map_err(fail)?;
            let mut response = client.execute(request).await.map_err(|error| fail(chain(&error)))?;
            let (status, headers) = (response.status(), response.headers().clone());
            let mut body = Vec::new();
            while let Some(chunk) = response.chunk().await.map_err(|error| fail(chain(&error)))? {
                body.extend_from_slice(&chunk);
                if body.len() > DOCUMENT_BYTES_MAX {
                    return Err(fail(format!("its answer has more than {DOCUMENT_BYTES_MAX} bytes")));
                }
            }
            let mut answer = oauth_response(body);
            *answer.status_mut() = status;
            *answer.headers_mut() = headers;
            Ok(answer)
        })
    }
}

/// The SDK's type of a response is `http`'s, which is had without naming that crate.
fn oauth_response(body: Vec<u8>) -> Answer {
    Answer::new(body)
}

type Answer = <OAuthHttpClientFuture<'static> as AnswerOf>::Answer;

trait AnswerOf {
    type Answer;
}

impl<T> AnswerOf for Later<'_, Result<T, OAuthHttpClientError>> {
    type Answer = T;
}
