"""How to start each peer headless against the mock. One function per peer: ctx -> dict(argv, env, files).

ctx: .root (install root, default /tmp/peers) .home .cwd .port .base (http://127.0.0.1:PORT) .prompt .scenario
'files' are written (relative to HOME) before the run. Telemetry, updates and model-catalogue downloads are off
wherever the peer has a documented switch for it.
"""
import json, os, glob


def _node(c):
    return os.path.join(c.root, "node/node_modules/node/bin/node")


def J(x):
    return json.dumps(x)


def codex(c, sandbox=False, via_node=False, extra=()):
    exe = f"{c.root}/codex/node_modules/@openai/codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex"
    cfg = f'''
model = "gpt-5.5"
model_provider = "mock"
check_for_update_on_startup = false
[model_providers.mock]
name = "mock"
base_url = "{c.base}/v1"
wire_api = "responses"
env_key = "MOCK_KEY"
supports_websockets = false
[analytics]
enabled = false
[feedback]
enabled = false
[otel]
exporter = "none"
metrics_exporter = "none"
trace_exporter = "none"
'''
    argv = [exe] if not via_node else [_node(c), f"{c.root}/codex/node_modules/@openai/codex/bin/codex.js"]
    argv += ["exec", "--skip-git-repo-check"]
    argv += ["-s", "workspace-write"] if sandbox else ["--dangerously-bypass-approvals-and-sandbox"]
    argv += list(extra) + [c.prompt]
    return dict(argv=argv, env={"MOCK_KEY": "k", "CODEX_HOME": f"{c.home}/.codex"}, files={".codex/config.toml": cfg})


def codex_sandbox(c):
    return codex(c, sandbox=True)


def codex_npm(c):
    return codex(c, via_node=True)


def claude(c, extra=()):
    exe = f"{c.root}/claude/node_modules/@anthropic-ai/claude-code-linux-x64/claude"
    env = {"ANTHROPIC_BASE_URL": c.base, "ANTHROPIC_API_KEY": "sk-ant-mock", "CLAUDE_CONFIG_DIR": f"{c.home}/.claude",
           "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_TELEMETRY": "1", "DISABLE_AUTOUPDATER": "1",
           "DISABLE_ERROR_REPORTING": "1", "DISABLE_BUG_COMMAND": "1"}
    return dict(argv=[exe, "-p", *extra, "--allowedTools", "Bash", "Edit", "Read", "Write", "--", c.prompt],
                env=env, files={})


def claude_bare(c):
    return claude(c, extra=("--bare",))


def opencode(c, proto="anthropic", snapshot=True):
    exe = f"{c.root}/opencode/node_modules/opencode-linux-x64/bin/opencode"
    npm = {"anthropic": "@ai-sdk/anthropic", "chat": "@ai-sdk/openai-compatible"}[proto]
    cfg = {"$schema": "https://opencode.ai/config.json", "autoupdate": False, "share": "disabled",
           "model": "mock/claude-sonnet-4-5", "small_model": "mock/claude-sonnet-4-5",
           "provider": {"mock": {"npm": npm, "name": "mock", "options": {"baseURL": f"{c.base}/v1", "apiKey": "k"},
                                 "models": {"claude-sonnet-4-5": {"name": "mock", "tool_call": True, "limit": {"context": 200000, "output": 8192}}}}},
           "snapshot": snapshot,
           "permission": {"edit": "allow", "bash": "allow", "webfetch": "allow", "external_directory": "allow"}}
    env = {"OPENCODE_DISABLE_AUTOUPDATE": "1", "OPENCODE_DISABLE_MODELS_FETCH": "1", "OPENCODE_DISABLE_LSP_DOWNLOAD": "1",
           "OPENCODE_DISABLE_DEFAULT_PLUGINS": "1", "XDG_CONFIG_HOME": f"{c.home}/.config", "XDG_DATA_HOME": f"{c.home}/.local/share",
           "XDG_CACHE_HOME": f"{c.home}/.cache", "XDG_STATE_HOME": f"{c.home}/.local/state"}
    return dict(argv=[exe, "run", c.prompt], env=env, files={".config/opencode/opencode.json": J(cfg)})


def opencode_chat(c):
    return opencode(c, "chat")


def opencode_nosnap(c):
    return opencode(c, snapshot=False)


def gemini(c):
    exe = f"{c.root}/gemini/node_modules/@google/gemini-cli/bundle/gemini.js"
    st = {"security": {"auth": {"selectedType": "gemini-api-key"}, "folderTrust": {"enabled": False}},
          "privacy": {"usageStatisticsEnabled": False}, "telemetry": {"enabled": False},
          "general": {"enableAutoUpdate": False, "enableAutoUpdateNotification": False, "disableAutoUpdate": True, "disableUpdateNag": True}}
    env = {"GEMINI_API_KEY": "k", "GOOGLE_GEMINI_BASE_URL": c.base, "GEMINI_TELEMETRY_ENABLED": "false"}
    return dict(argv=[_node(c), exe, "--skip-trust", "-m", "gemini-2.5-pro", "-y", "-p", c.prompt], env=env,
                files={".gemini/settings.json": J(st)})


def qwen(c):
    exe = f"{c.root}/qwen/node_modules/@qwen-code/qwen-code/cli-entry.js"
    st = {"security": {"auth": {"selectedType": "openai"}, "folderTrust": {"enabled": False}}, "privacy": {"usageStatisticsEnabled": False},
          "telemetry": {"enabled": False}, "general": {"enableAutoUpdate": False, "disableAutoUpdate": True, "disableUpdateNag": True}}
    env = {"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": f"{c.base}/v1", "OPENAI_MODEL": "qwen3-coder-plus"}
    return dict(argv=[_node(c), exe, "-y", "-p", c.prompt], env=env, files={".qwen/settings.json": J(st)})


def pi(c, api="anthropic-messages"):
    exe = f"{c.root}/pi/node_modules/@earendil-works/pi-coding-agent/dist/bundle/cli.js"
    base = c.base if api == "anthropic-messages" else f"{c.base}/v1"
    models = {"providers": {"mock": {"baseUrl": base, "apiKey": "k", "api": api,
              "models": [{"id": "claude-sonnet-4-5", "name": "mock", "reasoning": False, "input": ["text"],
                          "cost": {"input": 0, "output": 0, "cacheRead": 0, "cacheWrite": 0}, "contextWindow": 200000, "maxTokens": 8192}]}}}
    env = {"PI_OFFLINE": "1", "PI_SKIP_VERSION_CHECK": "1", "PI_TELEMETRY": "0"}
    return dict(argv=[_node(c), exe, "--offline", "--provider", "mock", "--model", "claude-sonnet-4-5", "-p", c.prompt], env=env,
                files={".pi/agent/models.json": J(models), ".pi/agent/settings.json": J({"enableInstallTelemetry": False})})


def pi_chat(c):
    return pi(c, "openai-completions")


def cline(c):
    exe = f"{c.root}/cline/node_modules/@cline/cli-linux-x64/bin/cline"
    prov = {"version": 1, "lastUsedProvider": "anthropic",
            "providers": {"anthropic": {"settings": {"provider": "anthropic", "apiKey": "k", "model": "claude-sonnet-4-5",
                                                     "baseUrl": c.base}, "updatedAt": "2026-01-01T00:00:00.000Z", "tokenSource": "manual"}}}
    env = {"CLINE_TELEMETRY_DISABLED": "1", "CLINE_NO_AUTO_UPDATE": "1", "DO_NOT_TRACK": "1"}
    return dict(argv=[exe, "-P", "anthropic", "-k", "k", "-m", "claude-sonnet-4-5", c.prompt], env=env,
                files={".cline/data/settings/providers.json": J(prov)})


def cline_hub(c):
    """keeps cline's background hub alive between runs, as on a developer's machine"""
    return dict(cline(c), keep_daemon=True)


def aider(c):
    exe = f"{c.root}/aider/bin/aider"
    common = [exe, "--model", "openai/gpt-4o", "--weak-model", "openai/gpt-4o", "--openai-api-base", f"{c.base}/v1", "--openai-api-key", "k",
              "--yes-always", "--analytics-disable", "--no-check-update", "--no-show-release-notes", "--no-show-model-warnings",
              "--no-pretty", "--no-gitignore", "--edit-format", "diff"]
    if c.scenario.startswith("edit"):
        n = int(c.scenario[4:])
        lines = ["/add " + " ".join(f"src/mod_{k:02d}.txt" for k in range((n + 2) // 3))] + [f"/code step {i}" for i in range(n)]
        return dict(argv=common + ["--load", f"{c.home}/load.txt", "--exit"], env={}, files={"load.txt": "\n".join(lines) + "\n"},
                    reset={"text_edits": True})
    return dict(argv=common + ["--message", c.prompt], env={}, files={}, reset={"text_edits": True})


def goose(c, provider="anthropic"):
    env = {"GOOSE_PROVIDER": provider, "GOOSE_MODEL": "claude-sonnet-4-5", "GOOSE_MODE": "auto", "GOOSE_DISABLE_KEYRING": "1",
           "GOOSE_TELEMETRY_ENABLED": "false", "GOOSE_TELEMETRY_OFF": "1", "ANTHROPIC_HOST": c.base, "ANTHROPIC_API_KEY": "k",
           "OPENAI_HOST": c.base, "OPENAI_API_KEY": "k", "XDG_CONFIG_HOME": f"{c.home}/.config"}
    cfg = "extensions:\n  developer:\n    enabled: true\n    name: developer\n    type: builtin\n    timeout: 300\n    bundled: true\n"
    return dict(argv=[f"{c.root}/bin/goose", "run", "-t", c.prompt], env=env, files={".config/goose/config.yaml": cfg})


def goose_chat(c):
    return goose(c, "openai")


def amazonq(c):
    env = {"AMAZON_Q_SIGV4": "1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "x", "AWS_REGION": "us-east-1",
           "Q_DISABLE_TELEMETRY": "1", "AWS_EC2_METADATA_DISABLED": "true"}
    st = {"api.codewhisperer.service": {"endpoint": c.base, "region": "us-east-1"}, "telemetry.enabled": False,
          "app.disableAutoupdates": True, "chat.greeting.enabled": False}
    return dict(argv=[f"{c.root}/bin/qchat", "chat", "--no-interactive", "--trust-all-tools", c.prompt], env=env,
                files={".local/share/amazon-q/settings.json": J(st)})


def floor(c):
    """Reference: the smallest honest agent loop (bench/floor, std-only Rust)."""
    return dict(argv=[f"{c.root}/bin/floor", c.base, c.prompt], env={}, files={})


def floor_async(c):
    """Reference: the same loop with tokio + reqwest/rustls + serde_json (bench/floor_async)."""
    return dict(argv=[f"{c.root}/bin/floor_async", c.base, c.prompt], env={}, files={})


def waypost(c, proto="anthropic"):
    exe = os.environ.get("WAYPOST", os.path.join(os.path.dirname(os.path.abspath(__file__)), "../target/release/waypost"))
    env = {"ANTHROPIC_BASE_URL": c.base, "ANTHROPIC_API_KEY": "sk-ant-mock", "OPENAI_BASE_URL": f"{c.base}/v1", "OPENAI_API_KEY": "k"}
    model = {"anthropic": "anthropic/claude-sonnet-4-5", "responses": "openai/gpt-5", "chat": "vllm/mock"}[proto]
    if proto == "chat":
        env["VLLM_BASE_URL"] = f"{c.base}/v1"
    return dict(argv=[exe, "run", "--autopilot", "--model", model, c.prompt], env=env, files={})


def waypost_responses(c):
    return waypost(c, "responses")


def waypost_chat(c):
    return waypost(c, "chat")


PEERS = {
    "waypost": (waypost, "Rust"),
    "waypost-responses": (waypost_responses, "Rust"),
    "waypost-chat": (waypost_chat, "Rust"),
    "floor": (floor, "Rust (std only)"),
    "floor_async": (floor_async, "Rust (tokio, reqwest)"),
    "codex": (codex, "Rust"),
    "codex-sandbox": (codex_sandbox, "Rust"),
    "codex-npm": (codex_npm, "Rust via node shim"),
    "claude": (claude, "TS / Bun binary"),
    "claude-bare": (claude_bare, "TS / Bun binary"),
    "opencode": (opencode, "TS / Bun binary"),
    "opencode-chat": (opencode_chat, "TS / Bun binary"),
    "opencode-nosnap": (opencode_nosnap, "TS / Bun binary"),
    "gemini": (gemini, "TS / Node 24"),
    "qwen": (qwen, "TS / Node 24"),
    "pi": (pi, "TS / Node 24"),
    "pi-chat": (pi_chat, "TS / Node 24"),
    "cline": (cline, "TS / Bun binary"),
    "cline-hub": (cline_hub, "TS / Bun binary"),
    "aider": (aider, "Python 3.11"),
    "goose": (goose, "Rust"),
    "goose-chat": (goose_chat, "Rust"),
    "amazonq": (amazonq, "Rust"),
}
