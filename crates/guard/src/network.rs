//! The network of one command: a proxy that decides by the permit, and what the command wished. Carries no bytes itself.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Mutex};

use egress::{Host, Note, Outcome, Proxy, Verdict};
use policy::{Capability, Effect, Permit, Policy, Target};

/// The most wishes of one command that are remembered.
const WISHES_MAX: usize = 256;

/// A host that a command wanted to reach.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Wish {
    /// Its name or address.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Whether it was allowed.
    pub allowed: bool,
}

/// The network of one command. Dropping it ends all connections.
pub(crate) struct Network {
    pub(crate) proxy: Arc<Proxy>,
    wishes: Arc<Mutex<BTreeSet<Wish>>>,
}

impl Network {
    /// A proxy that allows what the permit names and what its policy's rules allow.
    pub(crate) fn open(permit: &Permit, policy: Arc<Policy>, token: String) -> io::Result<Network> {
        let asked: BTreeSet<String> = permit
            .requests()
            .iter()
            .filter(|request| request.capability == Capability::SandboxNetwork)
            .filter_map(|request| match &request.target {
                Target::Name(host) => Some(host.clone()),
                _ => None,
            })
            .collect();
        let wishes: Arc<Mutex<BTreeSet<Wish>>> = Arc::default();
        let kept = Arc::clone(&wishes);
        let proxy = Proxy::start(egress::Settings {
            token,
            decide: Box::new(move |host, port| decide(&asked, &policy, host, port)),
            log: Box::new(move |note| {
                let Note::Wish { host, port, outcome, .. } = note else { return };
                let mut kept = kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                if kept.len() < WISHES_MAX {
                    let allowed = matches!(outcome, Outcome::Allowed(_));
                    kept.insert(Wish { host: host.to_string(), port: *port, allowed });
                }
            }),
            resolve: egress::resolve(),
        })?;
        Ok(Network { proxy: Arc::new(proxy), wishes })
    }

    /// What it wished so far, each once.
    pub(crate) fn wishes(&self) -> Vec<Wish> {
        let wishes = self.wishes.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        wishes.iter().cloned().collect()
    }
}

/// What was asked about with the command is allowed for it, unless a rule denies it. Addresses near this machine need a rule
/// that names them.
fn decide(asked: &BTreeSet<String>, policy: &Policy, host: &Host, port: u16) -> Verdict {
    let name = host.to_string();
    let verdict = policy.reaches(&name, port);
    match verdict.effect {
        Effect::Deny => Verdict::Deny(verdict.reason()),
        Effect::Allow => match (host, verdict.basis.rule()) {
            // `*` speaks of the internet; this machine and its neighbours must be meant.
            (_, Some(rule)) if !rule.text.ends_with('*') => Verdict::AllowPrivate,
            _ => Verdict::Allow,
        },
        Effect::Ask if asked.contains(&name) => Verdict::Allow,
        Effect::Ask => {
            Verdict::Deny(format!("no rule allows `{name}`; a person can: sandbox_network:{name}"))
        }
    }
}
