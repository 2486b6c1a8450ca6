//! List prices and limits of well-known models, as data with date and source. What is not here is not known:
//! nothing is guessed, and the person's own figures go before these.

use conversation::{Limits, Price};

/// What is assumed of a model that is not in the table: small enough for most servers.
pub const LIMITS_DEFAULT: Limits = Limits { context: 128_000, output: 8_192 };

/// One model: id without date or version, prices in dollars per million tokens (input, cache read, cache write,
/// output), and tokens (context, output that is asked for).
struct Row(&'static str, [f64; 4], [u64; 2]);

/// Anthropic's list prices; a cache write is the one that lasts five minutes.
/// Source: docs.claude.com, models and pricing, read 2026-11-21.
const ANTHROPIC: &[Row] = &[
    Row("claude-fable-5-1", [10.0, 1.0, 12.5, 50.0], [1_000_000, 32_000]),
    Row("claude-opus-5-5", [4.0, 0.2, 5.0, 20.0], [1_000_000, 32_000]),
    Row("claude-opus-5", [5.0, 0.5, 6.25, 25.0], [1_000_000, 32_000]),
    Row("claude-sonnet-5-5", [2.0, 0.2, 2.5, 10.0], [1_000_000, 32_000]),
    Row("claude-sonnet-5", [2.0, 0.2, 2.5, 10.0], [1_000_000, 32_000]),
    Row("claude-opus-4-8", [5.0, 0.5, 6.25, 25.0], [200_000, 32_000]),
    Row("claude-opus-4-6", [5.0, 0.5, 6.25, 25.0], [200_000, 32_000]),
    Row("claude-opus-4-5", [5.0, 0.5, 6.25, 25.0], [200_000, 32_000]),
    Row("claude-opus-4-1", [15.0, 1.5, 18.75, 75.0], [200_000, 32_000]),
    Row("claude-opus-4", [15.0, 1.5, 18.75, 75.0], [200_000, 32_000]),
    Row("claude-sonnet-4-6", [3.0, 0.3, 3.75, 15.0], [200_000, 32_000]),
    Row("claude-sonnet-4-5", [3.0, 0.3, 3.75, 15.0], [200_000, 32_000]),
    Row("claude-sonnet-4", [3.0, 0.3, 3.75, 15.0], [200_000, 32_000]),
    Row("claude-3-7-sonnet", [3.0, 0.3, 3.75, 15.0], [200_000, 32_000]),
    Row("claude-haiku-4-5", [1.0, 0.1, 1.25, 5.0], [200_000, 32_000]),
    Row("claude-3-5-haiku", [0.8, 0.08, 1.0, 4.0], [200_000, 8_192]),
];

/// OpenAI's list prices for short contexts. Above 272,000 input tokens the newer models cost more, so their context
/// is bounded there: the price stays the one that is shown.
/// Source: developers.openai.com, pricing, as quoted in 2026-09 and 2026-11, read 2026-11-21.
const OPENAI: &[Row] = &[
    Row("gpt-6-astra", [10.0, 1.0, 12.5, 50.0], [272_000, 32_000]),
    Row("gpt-6-sol", [2.0, 0.2, 2.5, 10.0], [272_000, 32_000]),
    Row("gpt-6-luna", [0.1, 0.01, 0.125, 0.5], [272_000, 32_000]),
    Row("gpt-5.4-mini", [0.75, 0.075, 0.75, 4.5], [272_000, 32_000]),
    Row("gpt-5.4-nano", [0.2, 0.02, 0.2, 1.25], [272_000, 32_000]),
    Row("gpt-5.4", [2.5, 0.25, 2.5, 15.0], [272_000, 32_000]),
    Row("gpt-5.2", [1.75, 0.175, 1.75, 14.0], [272_000, 32_000]),
    Row("gpt-5.1", [1.25, 0.125, 1.25, 10.0], [272_000, 32_000]),
    Row("gpt-5-mini", [0.25, 0.025, 0.25, 2.0], [272_000, 32_000]),
    Row("gpt-5-nano", [0.05, 0.005, 0.05, 0.4], [272_000, 32_000]),
    Row("gpt-5", [1.25, 0.125, 1.25, 10.0], [272_000, 32_000]),
    Row("gpt-4.1-mini", [0.4, 0.1, 0.4, 1.6], [1_000_000, 32_000]),
    Row("gpt-4.1-nano", [0.1, 0.025, 0.1, 0.4], [1_000_000, 32_000]),
    Row("gpt-4.1", [2.0, 0.5, 2.0, 8.0], [1_000_000, 32_000]),
    Row("gpt-4o-mini", [0.15, 0.075, 0.15, 0.6], [128_000, 16_000]),
    Row("gpt-4o", [2.5, 1.25, 2.5, 10.0], [128_000, 16_000]),
    Row("o4-mini", [1.1, 0.275, 1.1, 4.4], [200_000, 32_000]),
    Row("o3", [2.0, 0.5, 2.0, 8.0], [200_000, 32_000]),
];

/// Anthropic models whose price on Bedrock is Anthropic's in every region. Of later ones only the `global.` profiles
/// are: regional ones cost more, and are not in the table.
const BEDROCK_ANY_REGION: &[&str] =
    &["claude-opus-4-1", "claude-opus-4", "claude-sonnet-4", "claude-3-7-sonnet", "claude-3-5-haiku"];

/// The list price of a model, when it is known for sure.
pub fn price_of(provider: &str, model: &str) -> Option<Price> {
    let row = match provider {
        "anthropic" => row(ANTHROPIC, model),
        "openai" => row(OPENAI, model),
        "bedrock" => {
            let row = row(ANTHROPIC, bedrock_family(model)?)?;
            (model.starts_with("global.") || BEDROCK_ANY_REGION.contains(&row.0)).then_some(row)
        }
        _ => None,
    }?;
    let [input, cache_read, cache_write, output] = row.1.map(millionths);
    Some(Price { input, cache_read, cache_write, output })
}

/// How much a model takes and gives, whoever serves it; [`LIMITS_DEFAULT`] when it is not in the table.
pub fn limits_of(model: &str) -> Limits {
    let id = bedrock_family(model).unwrap_or(model);
    // Gateways put the maker's name in front, and dots where Anthropic has dashes.
    let id = id.rsplit('/').next().unwrap_or(id);
    let dashed = id.replace('.', "-");
    match row(OPENAI, id).or_else(|| row(ANTHROPIC, &dashed)) {
        Some(Row(_, _, [context, output])) => Limits { context: *context, output: *output },
        None if dashed.starts_with("claude-3") => Limits { context: 200_000, output: 4_096 },
        None if dashed.starts_with("claude-") => Limits { context: 200_000, output: 32_000 },
        None if id.starts_with("gpt-5") || id.starts_with("gpt-6") => {
            Limits { context: 272_000, output: 32_000 }
        }
        None => LIMITS_DEFAULT,
    }
}

/// The row whose id this is, with or without a date or `latest` behind it.
fn row<'a>(rows: &'a [Row], model: &str) -> Option<&'a Row> {
    rows.iter().find(|row| model.strip_prefix(row.0).is_some_and(is_version))
}

/// Whether this behind an id names a state of the same model: nothing, a date, `latest`, or Bedrock's version.
fn is_version(rest: &str) -> bool {
    let rest = rest.split(":").next().unwrap_or_default();
    let rest = rest.strip_suffix("-v1").or_else(|| rest.strip_suffix("-v2")).unwrap_or(rest);
    let Some(version) = rest.strip_prefix(['-', '@']) else { return rest.is_empty() };
    let digits: String = version.chars().filter(|c| *c != '-').collect();
    version == "latest" || (digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// `claude-…` in a Bedrock id such as `us.anthropic.claude-…-v1:0`, or in the profile's ARN.
pub(crate) fn bedrock_family(model: &str) -> Option<&str> {
    model.split_once("anthropic.").map(|(_, family)| family)
}

/// Dollars in millionths. Exact for the table's figures, which a test checks.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "prices are small and not negative"
)]
fn millionths(dollars: f64) -> u64 {
    (dollars * 1_000_000.0).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices() {
        let check = |name: &str, expect: Option<[u64; 4]>| {
            let (provider, model) = name.split_once('/').unwrap();
            let price = price_of(provider, model).map(|p| [p.input, p.cache_read, p.cache_write, p.output]);
            assert_eq!(price, expect, "{name}");
        };
        let sonnet_4_5 = Some([3_000_000, 300_000, 3_750_000, 15_000_000]);
        check("anthropic/claude-opus-5-5", Some([4_000_000, 200_000, 5_000_000, 20_000_000]));
        check("anthropic/claude-sonnet-4-5-20250929", sonnet_4_5);
        check("anthropic/claude-opus-4-20250514", Some([15_000_000, 1_500_000, 18_750_000, 75_000_000]));
        check("anthropic/claude-3-5-haiku-latest", Some([800_000, 80_000, 1_000_000, 4_000_000]));
        check("anthropic/claude-opus-5-6", None);
        check("anthropic/claude-sonnet-4-5-pro", None);
        check("openai/gpt-5-nano", Some([50_000, 5_000, 50_000, 400_000]));
        check("openai/gpt-4.1-2025-04-14", Some([2_000_000, 500_000, 2_000_000, 8_000_000]));
        check("openai/gpt-5-codex", None);
        check("bedrock/global.anthropic.claude-sonnet-4-5-20250929-v1:0", sonnet_4_5);
        check("bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0", None);
        check("bedrock/us.anthropic.claude-sonnet-4-20250514-v1:0", sonnet_4_5);
        check("bedrock/amazon.nova-pro-v1:0", None);
        check("openrouter/anthropic/claude-sonnet-4.5", None);
    }

    #[test]
    fn limits() {
        let check = |model: &str, context: u64| assert_eq!(limits_of(model).context, context, "{model}");
        check("claude-sonnet-5-5", 1_000_000);
        check("anthropic/claude-sonnet-4.5", 200_000);
        check("us.anthropic.claude-haiku-4-5-20251001-v1:0", 200_000);
        check("openai/gpt-5.4-mini", 272_000);
        check("claude-opus-9", 200_000);
        check("gpt-5.6-terra", 272_000);
        check("qwen3-coder", LIMITS_DEFAULT.context);
    }

    #[test]
    fn the_table_is_exact_to_the_millionth() {
        for Row(name, prices, _) in ANTHROPIC.iter().chain(OPENAI) {
            for price in prices {
                let back = price * 1_000_000.0 - price_as_float(millionths(*price));
                assert!(back.abs() < 1e-3, "{name} {price}");
            }
        }
    }

    fn price_as_float(millionths: u64) -> f64 {
        f64::from(u32::try_from(millionths).unwrap())
    }
}
