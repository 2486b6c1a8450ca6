//! What came from outside into a turn, and which capabilities need a person's word because of it. A label, by rule: the
//! content is not judged.

use std::sync::Arc;

use crate::rule::bits;
use crate::{Capability, Effect, Request};

/// How many sources one turn remembers by name; their sort is remembered beyond that.
pub const SOURCES_MAX: usize = 32;

/// Where content came from that somebody else may have written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TaintSource {
    /// A page or search result.
    Web,
    /// The answer of an MCP server.
    Mcp,
    /// An issue, pull request, or comment.
    Issue,
    /// A file outside the workspace.
    OutsideFile,
    /// A file of a workspace that is not trusted.
    UntrustedWorkspace,
}

/// What a turn took in from outside. Empty for most turns. It only grows within a turn, and a turn that sees the words of
/// a tainted one is tainted as well: [`Taint::join`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taint {
    sources: Vec<(TaintSource, Arc<str>)>,
}

/// Which capabilities need approval in a tainted turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaintRules {
    rows: Vec<(TaintSource, u16, Effect)>,
}

impl TaintSource {
    /// Every source.
    pub const ALL: [TaintSource; 5] = [
        TaintSource::Web,
        TaintSource::Mcp,
        TaintSource::Issue,
        TaintSource::OutsideFile,
        TaintSource::UntrustedWorkspace,
    ];

    /// The word in records.
    pub fn word(self) -> &'static str {
        match self {
            TaintSource::Web => "web",
            TaintSource::Mcp => "mcp",
            TaintSource::Issue => "issue",
            TaintSource::OutsideFile => "outside_file",
            TaintSource::UntrustedWorkspace => "untrusted_workspace",
        }
    }

    /// The source of a word.
    pub fn named(word: &str) -> Option<TaintSource> {
        TaintSource::ALL.into_iter().find(|source| source.word() == word)
    }

    /// The words for a person.
    pub fn name(self) -> &'static str {
        match self {
            TaintSource::Web => "the page",
            TaintSource::Mcp => "the answer of the MCP server",
            TaintSource::Issue => "the issue",
            TaintSource::OutsideFile => "the file outside the workspace",
            TaintSource::UntrustedWorkspace => "the file of the untrusted workspace",
        }
    }
}

impl Taint {
    /// Nothing from outside.
    pub fn none() -> Taint {
        Taint::default()
    }

    /// Adds a source: its sort, and what it was (a URL, `server/tool`, a path).
    pub fn add(&mut self, source: TaintSource, from: &str) {
        let is_known = self.sources.iter().any(|(known, name)| *known == source && **name == *from);
        let has_sort = self.sources.iter().any(|(known, _)| *known == source);
        if !is_known && (self.sources.len() < SOURCES_MAX || !has_sort) {
            self.sources.push((source, Arc::from(from)));
        }
    }

    /// Everything that either took in.
    pub fn join(&mut self, other: &Taint) {
        other.sources.iter().for_each(|(source, from)| self.add(*source, from));
    }

    /// Whether nothing came from outside.
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    /// The sources, in the order in which they came.
    pub fn sources(&self) -> impl Iterator<Item = (TaintSource, &str)> {
        self.sources.iter().map(|(source, from)| (*source, &**from))
    }
}

impl Default for TaintRules {
    /// Whatever carries data out or runs something new asks, whichever the source.
    fn default() -> TaintRules {
        let sensitive = bits(&[
            Capability::Shell,
            Capability::WebFetch,
            Capability::WebSearch,
            Capability::Mcp,
            Capability::Subagent,
            Capability::Power,
            Capability::SandboxNetwork,
        ]);
        TaintRules { rows: TaintSource::ALL.map(|source| (source, sensitive, Effect::Ask)).to_vec() }
    }
}

impl TaintRules {
    /// Adds a row. It can tighten the others and never loosen them.
    pub fn add(&mut self, source: TaintSource, capabilities: &[Capability], effect: Effect) {
        self.rows.push((source, bits(capabilities), effect));
    }

    /// What the taint of a turn demands of a request, and which source does. A command that only reads inside the
    /// workspace takes nothing out, so it is left alone: `only_reads`.
    pub(crate) fn demand(
        &self,
        taint: &Taint,
        request: &Request,
        only_reads: bool,
    ) -> Option<(Effect, TaintSource, Arc<str>)> {
        if only_reads {
            return None;
        }
        let wanted = bits(&[request.capability]);
        let demands = taint.sources.iter().flat_map(|(source, from)| {
            let rows = self.rows.iter().filter(move |(row, set, _)| row == source && set & wanted != 0);
            rows.map(move |(_, _, effect)| (*effect, *source, Arc::clone(from)))
        });
        demands.reduce(|strictest, next| if next.0 > strictest.0 { next } else { strictest })
    }
}
