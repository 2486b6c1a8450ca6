//! Pages and searches of the web as text, within bounds. Knows no agent.
