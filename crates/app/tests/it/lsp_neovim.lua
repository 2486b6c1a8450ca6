-- Drives Neovim's own language client through a session with `waypost lsp`, and writes what a person would have seen as
-- one JSON object. Arguments come from the environment: WAYPOST, ROOT, OUT. Knows no expectation; the test has those.

local waypost, root, out = vim.env.WAYPOST, vim.env.ROOT, vim.env.OUT
local seen = { messages = {} }
local spec = root .. '/.kiro/specs/greet/'

local function finish()
  local file = io.open(out, 'w')
  file:write(vim.json and vim.json.encode(seen) or vim.fn.json_encode(seen))
  file:close()
  vim.cmd('qall!')
end

local function wait(what, is_so)
  if not vim.wait(15000, is_so, 20) then
    error('waited in vain for ' .. what)
  end
end

local function session()
  local version = vim.version()
  seen.version = string.format('%d.%d.%d', version.major, version.minor, version.patch)

  vim.lsp.handlers['window/showMessage'] = function(_, result)
    table.insert(seen.messages, result.message)
  end
  local chosen
  vim.ui.select = function(items, options, on_choice)
    seen.choices = vim.tbl_map(options.format_item or tostring, items)
    for index, item in ipairs(items) do
      local title = options.format_item and options.format_item(item) or tostring(item)
      if title:find(chosen, 1, true) then
        return on_choice(item, index)
      end
    end
    error('no choice is ' .. chosen)
  end

  local options = {
    name = 'waypost',
    cmd = { waypost, 'lsp' },
    root_dir = root,
    workspace_folders = { { uri = vim.uri_from_fname(root), name = 'work' } },
    on_exit = function(code) seen.exit = code end,
  }
  local id
  local function open(path)
    vim.cmd('edit ' .. vim.fn.fnameescape(path))
    local buffer = vim.api.nvim_get_current_buf()
    if vim.lsp.start then
      id = vim.lsp.start(options)
    else
      id = id or vim.lsp.start_client(options)
      vim.lsp.buf_attach_client(buffer, id)
    end
    wait('the client', function()
      local client = vim.lsp.get_client_by_id(id)
      return client and client.server_capabilities and vim.lsp.buf_is_attached(buffer, id)
    end)
    return buffer
  end
  local function codes(buffer)
    local found = {}
    for _, one in ipairs(vim.diagnostic.get(buffer)) do
      table.insert(found, one.code or (one.user_data and one.user_data.lsp and one.user_data.lsp.code))
    end
    return found
  end
  local function go(buffer, words)
    vim.api.nvim_set_current_buf(buffer)
    vim.api.nvim_win_set_cursor(0, { 1, 0 })
    assert(vim.fn.search('\\V' .. words, 'cW') > 0, words .. ' is not there')
  end
  local function place()
    local name = vim.fn.fnamemodify(vim.api.nvim_buf_get_name(0), ':t')
    return name .. ':' .. vim.api.nvim_win_get_cursor(0)[1]
  end
  local function quickfix()
    local found = {}
    for _, item in ipairs(vim.fn.getqflist()) do
      local name = vim.fn.fnamemodify(vim.api.nvim_buf_get_name(item.bufnr), ':t')
      table.insert(found, name .. ':' .. item.lnum .. ' ' .. vim.trim(item.text))
    end
    return found
  end
  local function text(buffer)
    return table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), '\n')
  end

  local tasks = open(spec .. 'tasks.md')
  seen.attached = vim.lsp.buf_is_attached(tasks, id)
  wait('diagnostics', function() return #vim.diagnostic.get(tasks) > 0 end)
  seen.diagnostics = codes(tasks)
  seen.diagnostic_line = vim.diagnostic.get(tasks)[1].lnum + 1

  -- The window that hover opens.
  go(tasks, '1.1_')
  vim.lsp.buf.hover()
  local function floating()
    for _, window in ipairs(vim.api.nvim_list_wins()) do
      if vim.api.nvim_win_get_config(window).relative ~= '' then return window end
    end
  end
  wait('hover', floating)
  seen.hover = text(vim.api.nvim_win_get_buf(floating()))
  vim.api.nvim_win_close(floating(), true)

  go(tasks, '1.1_')
  vim.lsp.buf.definition()
  wait('the definition', function() return place():find('requirements') end)
  seen.definition = place()
  local requirements = open(spec .. 'requirements.md')

  go(requirements, '1. WHEN a Visitor arrives')
  vim.lsp.buf.references()
  wait('references', function() return #vim.fn.getqflist() > 0 end)
  seen.references = quickfix()
  vim.fn.setqflist({}, 'r')
  vim.cmd('cclose')

  vim.api.nvim_set_current_buf(tasks)
  vim.lsp.buf.document_symbol()
  local function symbols()
    if #vim.fn.getqflist() > 0 then return quickfix() end
    local list = vim.fn.getloclist(0)
    if #list == 0 then return nil end
    return vim.tbl_map(function(item) return vim.trim(item.text) end, list)
  end
  wait('symbols', symbols)
  seen.symbols = symbols()
  vim.cmd('silent! cclose | silent! lclose')
  vim.fn.setqflist({}, 'r')

  -- Completion as omnifunc gives it.
  go(tasks, ', 9.9_')
  local row = vim.api.nvim_win_get_cursor(0)[1]
  local line = vim.api.nvim_get_current_line()
  local cut = line:gsub(', 9%.9_', ', 1.')
  vim.api.nvim_buf_set_lines(tasks, row - 1, row, false, { cut })
  vim.api.nvim_win_set_cursor(0, { row, #cut })
  local params = vim.lsp.util.make_position_params(0, 'utf-16')
  params.position.character = #cut
  local answers = vim.lsp.buf_request_sync(tasks, 'textDocument/completion', params, 15000)
  seen.completion = {}
  for _, answer in pairs(answers) do
    for _, item in ipairs(answer.result.items) do table.insert(seen.completion, item.label) end
  end
  vim.api.nvim_buf_set_lines(tasks, row - 1, row, false, { line })

  -- A rename changes every open buffer, and files that are not open.
  go(tasks, '1.2_')
  vim.lsp.buf.rename('1.7')
  wait('the rename', function() return text(tasks):find('1%.1, 1%.7_') end)
  wait('the rename of the definition', function() return text(requirements):find('\n7%. IF the door') end)
  seen.renamed_tasks = text(tasks):match('[^\n]*1%.1, 1%.7[^\n]*')
  local test = vim.fn.bufadd(root .. '/tests/greet_test.py')
  vim.fn.bufload(test)
  seen.renamed_test = text(test):match('[^\n]*Requirements 1%.7[^\n]*')

  -- The findings follow what is typed; a quick-fix mends one of them.
  vim.api.nvim_set_current_buf(tasks)
  local overview = vim.fn.search('## Overview', 'cW')
  vim.api.nvim_win_set_cursor(0, { 1, 0 })
  overview = vim.fn.search('## Overview', 'cW')
  vim.api.nvim_buf_set_lines(tasks, overview - 1, overview + 3, false, {})
  local function has(code) return function() return vim.tbl_contains(codes(tasks), code) end end
  wait('a finding', has('tasks/missing-overview'))
  vim.api.nvim_win_set_cursor(0, { vim.diagnostic.get(tasks)[1].lnum + 1, 0 })
  for _, one in ipairs(vim.diagnostic.get(tasks)) do
    if (one.code or one.user_data.lsp.code) == 'tasks/missing-overview' then
      vim.api.nvim_win_set_cursor(0, { one.lnum + 1, 0 })
    end
  end
  chosen = 'add the section'
  vim.lsp.buf.code_action()
  wait('the end of the finding', function() return not has('tasks/missing-overview')() end)
  seen.fixed = text(tasks):find('## Overview', 1, true) ~= nil

  vim.lsp.codelens.refresh()
  wait('lenses', function() return #vim.lsp.codelens.get(tasks) > 0 end)
  seen.lenses = vim.tbl_map(function(lens) return lens.command.title end, vim.lsp.codelens.get(tasks))

  local client = vim.lsp.get_client_by_id(id)
  client.stop()
  wait('the end of the server', function() return seen.exit ~= nil end)
end

local fine, words = xpcall(session, debug.traceback)
if not fine then seen.error = words end
finish()
