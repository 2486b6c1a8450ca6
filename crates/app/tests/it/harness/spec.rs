//! A small spec with two tasks, whose checks are a file that must be there.

use super::Desk;

/// Its requirements: two criteria.
pub(crate) const REQUIREMENTS: &str = "\
# Requirements Document

## Introduction

The program greets and takes leave.

## Glossary

- **Greeter**: the program

## Requirements

### Requirement 1: Greeting

**User Story:** As a visitor, I want a greeting, so that I feel seen.

#### Acceptance Criteria

1. WHEN the Greeter starts, THE Greeter SHALL write hello into hello.txt.
2. WHEN the Greeter ends, THE Greeter SHALL write bye into bye.txt.
";

const DESIGN: &str = "\
# Design Document: Greet

## Overview

Two files are written.

## Architecture

One program.

## Components and Interfaces

### Greeter

Writes hello.txt and bye.txt with a line each.

## Data Models

None

## Correctness Properties

### Property 1: Greets

*For any* start, THE Greeter SHALL greet.

**Validates: Requirements 1.1**

## Error Handling

None

## Testing Strategy

Each task has a check of its own.
";

/// Its plan. `look.sh` shows the check what the plan looks like while a task is worked on.
pub(crate) const PLAN: &str = "\
# Implementation Plan: Greet

## Overview

First the greeting, then the leave.

## Tasks

- [ ] 1. Write the greeting
  - Write `hello.txt` as the section Greeter says
  - _Check: sh look.sh hello.txt_
  - _Requirements: 1.1_

- [ ] 2. Write the leave
  - Write `bye.txt`
  - _Check: sh look.sh bye.txt_
  - _Requirements: 1.2_
";

/// The same as one file.
pub(crate) const SINGLE: &str = "\
# Feature: Greet

The program greets.

## Requirements

1. WHEN the Greeter starts, THE Greeter SHALL write hello into hello.txt.

## Constraints

- Plain text.

## Out of scope

- Colours.

## Tasks

- [ ] 1. Write the greeting in `hello.txt`
  - _Check: test -s hello.txt_
  - _Requirements: 1_
";

/// The check: red while the file is not there. It leaves a copy of the plan as it is during the check,
/// where the settings let it write beside the workspace.
const LOOK: &str = "cp .kiro/specs/greet/tasks.md \"../seen-$1\" 2> /dev/null; test -s \"$1\" || { echo \"no $1\"; exit 7; }\n";

/// A desk with the spec `greet`.
pub(crate) fn greet(desk: &Desk) {
    desk.put(".kiro/specs/greet/requirements.md", REQUIREMENTS);
    desk.put(".kiro/specs/greet/design.md", DESIGN);
    desk.put(".kiro/specs/greet/tasks.md", PLAN);
    desk.put("look.sh", LOOK);
}

/// The same, approved.
#[track_caller]
pub(crate) fn approved(desk: &Desk) {
    greet(desk);
    desk.check(&["spec", "approve", "greet", "--yes"], 0, &["approved by tester"]);
}
