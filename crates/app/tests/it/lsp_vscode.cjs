// Drives `waypost lsp` with the protocol library of VS Code: its transport, its types of requests, its tracing of what
// does not fit. Writes what came back as one JSON object. Knows no expectation; the test has those.

'use strict';
const { spawn } = require('child_process');
const fs = require('fs');
const { pathToFileURL } = require('url');
const lsp = require('vscode-languageserver-protocol/node');

const { WAYPOST, ROOT, OUT } = process.env;
const seen = { messages: [], registered: [], errors: [], progress: [] };
const uri = (file) => pathToFileURL(`${ROOT}/${file}`).toString();
const tasks = '.kiro/specs/greet/tasks.md';
const requirements = '.kiro/specs/greet/requirements.md';
const text = (file) => fs.readFileSync(`${ROOT}/${file}`, 'utf8');
const at = (file, words) => {
  const before = text(file).slice(0, text(file).indexOf(words));
  const lines = before.split('\n');
  const position = { line: lines.length - 1, character: lines[lines.length - 1].length };
  return { textDocument: { uri: uri(file) }, position };
};

async function session() {
  const manifest = `${process.env.NODE_PATH}/vscode-languageserver-protocol/package.json`;
  seen.version = JSON.parse(fs.readFileSync(manifest, 'utf8')).version;
  const child = spawn(WAYPOST, ['lsp', '--stdio'], { cwd: ROOT });
  child.stderr.on('data', (data) => seen.errors.push(data.toString()));
  const ended = new Promise((resolve) => child.on('exit', resolve));
  const connection = lsp.createProtocolConnection(
    new lsp.StreamMessageReader(child.stdout), new lsp.StreamMessageWriter(child.stdin));
  connection.onError(([error]) => seen.errors.push(String(error)));
  const diagnostics = new Map();
  connection.onNotification(lsp.PublishDiagnosticsNotification.type, (params) => diagnostics.set(params.uri, params));
  connection.onNotification(lsp.ShowMessageNotification.type, (params) => seen.messages.push(params.message));
  connection.onRequest(lsp.RegistrationRequest.type, (params) => {
    seen.registered.push(...params.registrations.map((one) => one.method));
  });
  connection.onRequest(lsp.WorkDoneProgressCreateRequest.type, ({ token }) => {
    connection.onProgress(lsp.WorkDoneProgress.type, token, (value) => seen.progress.push(value.kind));
  });
  connection.listen();
  const started = await connection.sendRequest(lsp.InitializeRequest.type, {
    processId: process.pid,
    rootUri: pathToFileURL(ROOT).toString(),
    workspaceFolders: [{ uri: pathToFileURL(ROOT).toString(), name: 'work' }],
    capabilities: {
      general: { positionEncodings: ['utf-16'] },
      window: { workDoneProgress: true },
      workspace: { didChangeWatchedFiles: { dynamicRegistration: true }, workspaceEdit: { documentChanges: true } },
      textDocument: {
        documentSymbol: { hierarchicalDocumentSymbolSupport: true },
        semanticTokens: { requests: { full: true }, tokenTypes: [], tokenModifiers: [], formats: ['relative'] },
      },
    },
  });
  seen.server = started.serverInfo.name;
  seen.encoding = started.capabilities.positionEncoding;
  await connection.sendNotification(lsp.InitializedNotification.type, {});
  for (const file of [requirements, tasks]) {
    await connection.sendNotification(lsp.DidOpenTextDocumentNotification.type, {
      textDocument: { uri: uri(file), languageId: 'markdown', version: 1, text: text(file) },
    });
  }
  const ask = (type, params) => connection.sendRequest(type, params);
  seen.hover = (await ask(lsp.HoverRequest.type, at(tasks, '1.1_'))).contents.value;
  seen.definition = (await ask(lsp.DefinitionRequest.type, at(tasks, '1.1_'))).uri;
  const everywhere = { ...at(tasks, '1.1_'), context: { includeDeclaration: true } };
  seen.references = (await ask(lsp.ReferencesRequest.type, everywhere)).map((one) => one.uri.split('/').pop());
  seen.completion = (await ask(lsp.CompletionRequest.type, at(tasks, '2.1, 9.9'))).items.map((one) => one.label);
  const rename = await ask(lsp.RenameRequest.type, { ...at(tasks, '1.2_'), newName: '1.7' });
  seen.renamed = rename.documentChanges.map((one) => one.textDocument.uri.split('/').pop()).sort();
  try {
    await ask(lsp.RenameRequest.type, { ...at(tasks, '1.2_'), newName: '1.1' });
  } catch (error) {
    seen.refused = { isResponse: error instanceof lsp.ResponseError, words: error.message };
  }
  const whole = { textDocument: { uri: uri(tasks) } };
  seen.symbols = (await ask(lsp.DocumentSymbolRequest.type, whole)).map((one) => one.name);
  seen.folds = (await ask(lsp.FoldingRangeRequest.type, whole)).length;
  seen.lenses = (await ask(lsp.CodeLensRequest.type, whole)).map((one) => one.command.title);
  seen.tokens = (await ask(lsp.SemanticTokensRequest.type, whole)).data.length % 5;
  seen.workspace = (await ask(lsp.WorkspaceSymbolRequest.type, { query: 'door is shut' })).length;
  for (let left = 200; left > 0 && !diagnostics.has(uri(tasks)); left -= 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const shown = diagnostics.get(uri(tasks));
  seen.diagnostics = shown.diagnostics.map((one) => one.code);
  const actions = await ask(lsp.CodeActionRequest.type, {
    ...whole, range: shown.diagnostics[0].range, context: { diagnostics: shown.diagnostics },
  });
  seen.actions = actions.map((one) => one.title);
  await ask(lsp.ShutdownRequest.type);
  await connection.sendNotification(lsp.ExitNotification.type);
  seen.exit = await ended;
}

session().catch((error) => { seen.error = String(error && error.stack); }).finally(() => {
  fs.writeFileSync(OUT, JSON.stringify(seen));
  process.exit(0);
});
