#!/usr/bin/env bash
# Puts MCP servers of the registries into a folder, for the tests that start them for real: mcp-servers.sh FOLDER.
# What cannot be had is said and left out; the tests skip it. Then: WAYPOST_TEST_MCP=FOLDER cargo nextest run -p mcp
set -euo pipefail
folder="${1:?name a folder}"
mkdir -p "$folder/npm"
if command -v npm >/dev/null; then
  npm install --no-audit --no-fund --silent --prefix "$folder/npm" \
    @modelcontextprotocol/server-filesystem @modelcontextprotocol/server-memory \
    @modelcontextprotocol/server-everything || printf 'npm: not all servers could be had\n'
fi
if command -v python3 >/dev/null; then
  [ -x "$folder/py/bin/pip" ] || python3 -m venv "$folder/py"
  "$folder/py/bin/pip" install --quiet mcp-server-git mcp-server-fetch || printf 'pip: not all servers could be had\n'
fi
