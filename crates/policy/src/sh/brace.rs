//! Brace expansion: `{a,b}` and `{1..5}` make several words of one. Done before anything else is expanded, as bash does.

use super::tree::{Parameter, Piece, Word};
use super::{BRACES_MAX, Unclear};

/// A longer sequence of numbers counts as one number that is not known.
const SEQUENCE_MAX: i64 = 16;

#[derive(Clone, Debug)]
enum Atom {
    Char(char),
    Piece(Piece),
}

/// The words that a word comes to; itself when it has no braces that expand.
pub(super) fn expand(word: Word) -> Result<Vec<Word>, Unclear> {
    let braces: usize = word
        .pieces
        .iter()
        .map(|piece| match piece {
            Piece::Plain(text) => text.matches('{').count(),
            _ => 0,
        })
        .sum();
    if braces == 0 {
        return Ok(vec![word]);
    }
    let span = word.span.clone();
    let too_many = || Unclear { why: "a brace expansion that gives too many words", at: span.clone() };
    if braces > BRACES_MAX {
        return Err(too_many());
    }
    let mut atoms = Vec::new();
    for piece in word.pieces {
        match piece {
            Piece::Plain(text) => atoms.extend(text.chars().map(Atom::Char)),
            other => atoms.push(Atom::Piece(other)),
        }
    }
    let words = expand_atoms(&atoms).ok_or_else(too_many)?;
    Ok(words.into_iter().map(|atoms| Word { pieces: pieces(atoms), span: span.clone() }).collect())
}

fn pieces(atoms: Vec<Atom>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for atom in atoms {
        match (atom, pieces.last_mut()) {
            (Atom::Char(c), Some(Piece::Plain(text))) => text.push(c),
            (Atom::Char(c), _) => pieces.push(Piece::Plain(c.to_string())),
            (Atom::Piece(piece), _) => pieces.push(piece),
        }
    }
    pieces
}

/// `None` when there are too many.
fn expand_atoms(atoms: &[Atom]) -> Option<Vec<Vec<Atom>>> {
    let Some((open, close, parts)) = first_group(atoms) else { return Some(vec![atoms.to_vec()]) };
    let before = atoms.get(..open).unwrap_or_default();
    let after = expand_atoms(atoms.get(close + 1..).unwrap_or_default())?;
    let mut words = Vec::new();
    for part in &parts {
        for middle in expand_atoms(part)? {
            for end in &after {
                if words.len() >= BRACES_MAX {
                    return None;
                }
                words.push([before, &middle, end].concat());
            }
        }
    }
    Some(words)
}

/// The first group that expands: where it opens and closes, and its parts.
fn first_group(atoms: &[Atom]) -> Option<(usize, usize, Vec<Vec<Atom>>)> {
    let opens =
        atoms.iter().enumerate().filter(|(_, atom)| matches!(atom, Atom::Char('{'))).map(|(at, _)| at);
    for open in opens {
        let (mut depth, mut parts, mut part) = (0_usize, Vec::new(), Vec::new());
        for (at, atom) in atoms.iter().enumerate().skip(open + 1) {
            match atom {
                Atom::Char('}') if depth == 0 => {
                    if !parts.is_empty() {
                        parts.push(part);
                        return Some((open, at, parts));
                    }
                    if let Some(parts) = sequence(&part) {
                        return Some((open, at, parts));
                    }
                    break;
                }
                Atom::Char(',') if depth == 0 => {
                    parts.push(std::mem::take(&mut part));
                    continue;
                }
                Atom::Char('{') => depth += 1,
                Atom::Char('}') => depth = depth.saturating_sub(1),
                _ => {}
            }
            part.push(atom.clone());
        }
    }
    None
}

/// `1..5`, `a..e`, with or without a step.
fn sequence(part: &[Atom]) -> Option<Vec<Vec<Atom>>> {
    let text: Option<String> =
        part.iter().map(|atom| if let Atom::Char(c) = atom { Some(*c) } else { None }).collect();
    let text = text?;
    let mut fields = text.split("..");
    let (first, last) = (fields.next()?, fields.next()?);
    let step = fields.next().map_or(Ok(1), str::parse::<i64>).ok()?.unsigned_abs().clamp(1, 1 << 20);
    if fields.next().is_some() {
        return None;
    }
    let word = |text: String| text.chars().map(Atom::Char).collect::<Vec<_>>();
    if let (Ok(first), Ok(last)) = (first.parse::<i64>(), last.parse::<i64>()) {
        let (low, high) = (first.min(last), first.max(last));
        if high.saturating_sub(low) > SEQUENCE_MAX {
            let number = Parameter {
                name: "#".to_string(),
                is_modified: false,
                assigns: false,
                evaluates: false,
                inner: Vec::new(),
                quoted: true,
                text: format!("{{{text}}}"),
            };
            return Some(vec![vec![Atom::Piece(Piece::Parameter(std::rc::Rc::new(number)))]]);
        }
        let step = usize::try_from(step).unwrap_or(1);
        return Some((low..=high).step_by(step).map(|number| word(number.to_string())).collect());
    }
    let letter = |text: &str| {
        let mut chars = text.chars();
        chars.next().filter(|c| c.is_ascii_alphabetic() && chars.next().is_none())
    };
    let (first, last) = (letter(first)?, letter(last)?);
    let same = first.is_ascii_lowercase() == last.is_ascii_lowercase();
    // `{Z..a}` also gives what stands between the alphabets; nobody writes that.
    same.then(|| (first.min(last)..=first.max(last)).map(|c| word(c.to_string())).collect())
}
