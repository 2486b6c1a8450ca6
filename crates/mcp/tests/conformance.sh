#!/bin/sh
# Runs the protocol's conformance suite against our two examples, for both revisions: `conformance.sh [server|client]`.
# Needs node 22 or newer and npm; without them it says so and is done. What may fail is in conformance-expected.yml.
#
# SUITE    the folder where the suite is installed, or will be   [target/mcp-conformance]
# VERSION  the version of the suite                              [0.2.0-alpha.12]
# NODE     the node to run it with                               [node]
set -eu

root=$(cd "$(dirname "$0")/../../.." && pwd)
cd "$root"
suite=${SUITE:-${CARGO_TARGET_DIR:-$root/target}/mcp-conformance}
version=${VERSION:-0.2.0-alpha.12}
node=${NODE:-node}
expected="$root/crates/mcp/tests/conformance-expected.yml"
which=${1:-both}
bin="${CARGO_TARGET_DIR:-$root/target}/debug/examples"

if ! command -v "$node" >/dev/null 2>&1; then
    echo "skipped: there is no node here"
    exit 0
fi
major=$("$node" -p 'process.versions.node.split(".")[0]')
if [ "$major" -lt 22 ]; then
    echo "skipped: the suite needs node 22, and this is $("$node" --version); name another with NODE=…"
    exit 0
fi
main="$suite/node_modules/@modelcontextprotocol/conformance/dist/index.js"
if [ ! -f "$main" ]; then
    if ! command -v npm >/dev/null 2>&1; then
        echo "skipped: the suite is not installed and there is no npm here"
        exit 0
    fi
    mkdir -p "$suite"
    if ! npm install --silent --no-audit --no-fund --prefix "$suite" "@modelcontextprotocol/conformance@$version"; then
        echo "skipped: the suite could not be installed"
        exit 0
    fi
fi

failed=0
revisions="2025-11-25 2026-07-28"

if [ "$which" != client ]; then
    cargo build -q -p mcp --example conformance_server
    said=$(mktemp)
    "$bin/conformance_server" 2>"$said" &
    server=$!
    trap 'kill "$server" 2>/dev/null || true; rm -f "$said"' EXIT
    url=""
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        url=$(sed -n 's/^listening on //p' "$said")
        [ -n "$url" ] && break
        sleep 0.3
    done
    for revision in $revisions; do
        echo "== server, $revision"
        "$node" "$main" server --url "$url" --requirements "$revision" --expected-failures "$expected" || failed=1
    done
fi

if [ "$which" != server ]; then
    if [ -f "$root/crates/mcp/examples/conformance_client.rs" ]; then
        cargo build -q -p mcp --example conformance_client
        for revision in $revisions; do
            echo "== client, $revision"
            "$node" "$main" client --command "$bin/conformance_client" --requirements "$revision" \
                --expected-failures "$expected" || failed=1
        done
    else
        echo "skipped: there is no example conformance_client yet"
    fi
fi
exit "$failed"
