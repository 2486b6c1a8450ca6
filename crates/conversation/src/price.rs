//! Tokens used and what they cost. A price that is not known gives no cost: nothing is guessed.

use std::fmt;
use std::ops::AddAssign;

/// Tokens of one answer, or of many added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Input tokens that no cache served.
    pub input: u64,
    /// Input tokens read from the provider's cache.
    pub cache_read: u64,
    /// Input tokens written to the provider's cache.
    pub cache_write: u64,
    /// Output tokens, reasoning included.
    pub output: u64,
}

/// What a model costs, in millionths of a US dollar per million tokens (so 3_000_000 is 3 dollars).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// Uncached input.
    pub input: u64,
    /// Input from the cache.
    pub cache_read: u64,
    /// Input into the cache.
    pub cache_write: u64,
    /// Output.
    pub output: u64,
}

/// Money, in millionths of a US dollar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cost(pub u64);

impl Usage {
    /// All input tokens, cached or not: what the context holds.
    pub fn context(&self) -> u64 {
        self.input.saturating_add(self.cache_read).saturating_add(self.cache_write)
    }
}

impl AddAssign for Usage {
    fn add_assign(&mut self, other: Usage) {
        self.input = self.input.saturating_add(other.input);
        self.cache_read = self.cache_read.saturating_add(other.cache_read);
        self.cache_write = self.cache_write.saturating_add(other.cache_write);
        self.output = self.output.saturating_add(other.output);
    }
}

impl Price {
    /// The cost of some usage, rounded up, so that a budget is never passed by rounding.
    pub fn of(&self, usage: &Usage) -> Cost {
        let part = |tokens: u64, price: u64| u128::from(tokens) * u128::from(price);
        let total = part(usage.input, self.input)
            + part(usage.cache_read, self.cache_read)
            + part(usage.cache_write, self.cache_write)
            + part(usage.output, self.output);
        Cost(u64::try_from(total.div_ceil(1_000_000)).unwrap_or(u64::MAX))
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Four digits are enough to tell one call from none.
        let tenths_of_mills = self.0.div_ceil(100);
        write!(f, "${}.{:04}", tenths_of_mills / 10_000, tenths_of_mills % 10_000)
    }
}

/// What a part of a session used: a sub-agent, the agent of a hook.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Tokens.
    pub usage: Usage,
    /// Money, or `None` when a price is not known.
    pub cost: Option<Cost>,
    /// How often the model was asked; 0 in records that are older than this field.
    pub turns: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cost_rounds_up() {
        let price =
            Price { input: 3_000_000, cache_read: 300_000, cache_write: 3_750_000, output: 15_000_000 };
        let usage = Usage { input: 1000, cache_read: 10_000, cache_write: 0, output: 200 };
        assert_eq!(price.of(&usage), Cost(9_000));
        assert_eq!(price.of(&usage).to_string(), "$0.0090");
        assert_eq!(price.of(&Usage { input: 1, ..Usage::default() }), Cost(3));
        assert_eq!(Cost(1).to_string(), "$0.0001");
        assert_eq!(Cost(12_345_678).to_string(), "$12.3457");
    }
}
