//! The repository of the tests of the language server: a spec with faults, and a test that cites it.

use crate::harness::Desk;

pub(crate) const REQUIREMENTS: &str = "\
# Requirements Document

## Introduction

The program greets and takes leave.

## Glossary

- **Greeter**: the program that writes to visitors
- **Visitor**: a person at the door

## Requirements

### Requirement 1: Greeting

**User Story:** As a Visitor, I want a greeting, so that I feel seen.

#### Acceptance Criteria

1. WHEN a Visitor arrives, THE Greeter SHALL write hello within 2 seconds.
2. IF the door is shut, THEN THE Greeter SHALL NOT write anything.

### Requirement 2: Leave

**User Story:** As a Visitor, I want a farewell, so that I can go.

#### Acceptance Criteria

1. WHEN a Visitor leaves, THE Greeter SHALL write bye within 2 seconds.
";

pub(crate) const DESIGN: &str = "\
# Design Document: Greet

## Overview

See #[[file:tests/greet_test.py]] and #[[file:nowhere.md]].

## Architecture

One program.

## Components and Interfaces

### Greeter

Writes.

## Data Models

None

## Correctness Properties

### Property 1: Greets

*For any* Visitor, the Greeter greets.

**Validates: Requirements 1.1**

## Error Handling

None

## Testing Strategy

Tests
";

pub(crate) const TASKS: &str = "\
# Implementation Plan

## Overview

Two steps.

## Tasks

- [x] 1. Greet
  - [x] 1.1 Create `src/hello.py`
    - _Requirements: 1.1_
  - [x] 1.2 Test the greeting
    - **Property 1: Greets**
    - _Requirements: 1.1, 1.2_
- [ ] 2. Take leave in `src/bye.py`
  - _Requirements: 2.1, 9.9_

## Notes

- None.

## Task Dependency Graph

```json
{\"waves\":[{\"id\":0,\"tasks\":[\"1.1\"]},{\"id\":1,\"tasks\":[\"1.2\",\"2\"]}]}
```
";

pub(crate) const TEST: &str = "\
# Feature: greet, Property 1: Greets
# Validates: Requirements 1.1
def test_greets():
    pass

# Feature: greet
# Validates: Requirements 1.2, 7.7
def test_shut():
    pass
";

pub(crate) const R: &str = ".kiro/specs/greet/requirements.md";
pub(crate) const D: &str = ".kiro/specs/greet/design.md";
pub(crate) const T: &str = ".kiro/specs/greet/tasks.md";
pub(crate) const TESTS: &str = "tests/greet_test.py";

/// A desk with that repository.
pub(crate) fn desk() -> Desk {
    let desk = Desk::new();
    desk.put(R, REQUIREMENTS);
    desk.put(D, DESIGN);
    desk.put(T, TASKS);
    desk.put(TESTS, TEST);
    desk
}

/// The line of a text that holds these words, and the column where they begin; both from 0.
#[track_caller]
pub(crate) fn find(text: &str, words: &str) -> (u32, u32) {
    let at = text.find(words).unwrap_or_else(|| panic!("{words} is not there"));
    let before = &text[..at];
    let line = before.matches('\n').count();
    let column = before.rsplit('\n').next().unwrap().encode_utf16().count();
    (u32::try_from(line).unwrap(), u32::try_from(column).unwrap())
}
