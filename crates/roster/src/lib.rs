//! Who and what can be called upon here: custom agents, skills, powers, saved prompts. Reads no disk and runs nothing.
