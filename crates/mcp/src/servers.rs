//! The servers of one session: how each is, starting and stopping them, calling them. Each fails alone. Shows nothing to a model.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use conversation::Later;
use policy::{Capability, Origin, Permit, Request, Target};
use serde_json::{Map, Value};

use crate::answer::{self, Answer};
use crate::ask::Locks;
use crate::config::{Configured, Entry, Reach};
use crate::connect::{Surroundings, connect};
use crate::connection::{Connection, Fault};
use crate::described::{Described, vet};
use crate::lock::{Changed, Locked};
use crate::oauth::{Browser, Login};
use crate::slot::{Begun, Slot, State};
use crate::variables::Variables;

/// How often one server is started in one session.
pub const STARTS_MAX: u32 = 10;

/// How a server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// It was not needed yet.
    Off,
    /// The file switches it off.
    Disabled,
    /// It is being started.
    Starting,
    /// It runs and answers.
    Ready,
    /// It cannot be had, and why.
    Failed(String),
    /// A person has to log in first.
    NeedsLogin,
    /// It was stopped.
    Stopped,
}

/// What is known of a server beside its entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The tools that are agreed to and not switched off.
    pub tools: Vec<Described>,
    /// Everything that it describes now, when it has been asked in this session.
    pub described: Option<Vec<Described>>,
    /// What differs from the lock.
    pub changed: Changed,
    /// What was left out of its entry and its list, in words.
    pub notes: Vec<String>,
    /// The version that it names.
    pub version: String,
    /// The revision of the protocol that is spoken.
    pub protocol: String,
}

/// The servers of one session. Dropping it ends them all.
pub struct Servers {
    around: Surroundings,
    locks: Arc<dyn Locks>,
    slots: RwLock<BTreeMap<String, Arc<Slot>>>,
    called: Mutex<Called>,
}

/// What tools are called in sessions.
#[derive(Default)]
struct Called {
    /// The name there, by server and tool.
    names: BTreeMap<(String, String), String>,
    /// The other way round.
    origins: BTreeMap<String, (String, String)>,
}

impl Servers {
    /// The servers of a configuration. Starts none.
    pub fn new(
        around: Surroundings,
        locks: Arc<dyn Locks>,
        configured: Configured,
        variables: &Variables,
    ) -> Servers {
        let servers = Servers { around, locks, slots: RwLock::default(), called: Mutex::default() };
        let slots = configured.entries.into_iter().map(|entry| servers.slot(entry, variables));
        let slots = slots.map(|slot| (slot.entry.name.clone(), Arc::new(slot))).collect();
        *servers.slots.write().unwrap_or_else(PoisonError::into_inner) = slots;
        servers
    }

    fn slot(&self, entry: Entry, variables: &Variables) -> Slot {
        let ready = entry.ready(variables);
        let locked = self.locked(&entry);
        let mut known = Known::default();
        if let Ok(ready) = &ready {
            known.notes.clone_from(&ready.notes);
        }
        if let Some(locked) = locked {
            known.version.clone_from(&locked.version);
            known.tools = locked.tools.into_values().map(|locked| locked.tool).collect();
            known.tools.retain(|tool| !entry.is_switched_off(&tool.name));
        }
        let status = match (&ready, entry.server.is_disabled) {
            (_, true) => Status::Disabled,
            (Ok(_), _) => Status::Off,
            (Err(why), _) => Status::Failed(why.clone()),
        };
        let state = State { status, known, now: None, challenge: None, starts: 0 };
        Slot { entry, ready, live: Default::default(), seen: Mutex::default(), state: Mutex::new(state) }
    }

    /// What was agreed to. Locks of before had one server of a name, whoever brought it: it is this one when it is started alike.
    fn locked(&self, entry: &Entry) -> Option<Locked> {
        let source = entry.source().to_string();
        let before = || self.locks.locked(&entry.name).filter(|locked| locked.source == source);
        self.locks.locked(&entry.key()).or_else(before)
    }

    fn find(&self, name: &str) -> Result<Arc<Slot>, String> {
        let slots = self.slots.read().unwrap_or_else(PoisonError::into_inner);
        slots.get(name).cloned().ok_or_else(|| {
            let names: Vec<&str> = slots.keys().map(String::as_str).collect();
            let names = if names.is_empty() { "none".to_string() } else { names.join(", ") };
            format!("there is no server `{name}`; there are: {names}")
        })
    }

    /// Takes on another configuration. Servers whose entry is the same run on; the others are stopped.
    pub async fn replace(&self, configured: Configured, variables: &Variables) {
        let mut next = BTreeMap::new();
        for entry in configured.entries {
            let slot = self.slot(entry, variables);
            let same = self.find(&slot.entry.name).ok().filter(|old| old.is_same(&slot));
            next.insert(slot.entry.name.clone(), same.unwrap_or_else(|| Arc::new(slot)));
        }
        let before = {
            let mut slots = self.slots.write().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *slots, next)
        };
        for (name, slot) in before {
            let goes_on = self.find(&name).is_ok_and(|kept| Arc::ptr_eq(&kept, &slot));
            if !goes_on {
                slot.stop().await;
            }
        }
    }

    /// What a tool is called in sessions, from now on: `mcp__server__tool` in the characters and the length that all providers take.
    /// Two tools never get the same name.
    pub(crate) fn called(&self, server: &str, tool: &str) -> String {
        let mut called = self.called.lock().unwrap_or_else(PoisonError::into_inner);
        let of = (server.to_string(), tool.to_string());
        if let Some(name) = called.names.get(&of) {
            return name.clone();
        }
        let name = crate::remote::wire_name(server, tool, &called.origins);
        called.names.insert(of.clone(), name.clone());
        called.origins.insert(name.clone(), of);
        name
    }

    /// The server and the tool there by the tool's name in a session; `None` for a name that no tool of these servers was offered by.
    /// The name itself does not tell: a server may have `__` in its own, and a dot becomes `_`.
    pub fn origin(&self, called: &str) -> Option<(String, String)> {
        self.called.lock().unwrap_or_else(PoisonError::into_inner).origins.get(called).cloned()
    }

    /// The entries, by name.
    pub fn entries(&self) -> Vec<Entry> {
        let slots = self.slots.read().unwrap_or_else(PoisonError::into_inner);
        slots.values().map(|slot| slot.entry.clone()).collect()
    }

    /// How a server is now; `None` when there is none of that name.
    pub fn status(&self, name: &str) -> Option<Status> {
        self.find(name).ok().map(|slot| slot.status())
    }

    /// What is known of a server.
    pub fn known(&self, name: &str) -> Option<Known> {
        self.find(name).ok().map(|slot| slot.state().known.clone())
    }

    /// What a running server said that nobody asked for: its notices, and the end of its complaints.
    pub fn said(&self, name: &str) -> Vec<String> {
        let Some(connection) = self.find(name).ok().and_then(|slot| slot.look()) else { return Vec::new() };
        let mut said = connection.notices();
        said.extend(Some(connection.complaints()).filter(|it| !it.is_empty()));
        said
    }

    /// The number of a running server's process.
    pub fn process(&self, name: &str) -> Option<u32> {
        self.find(name).ok()?.look()?.process()
    }

    /// What starting a server wants, for the gate; nothing when it runs already. A program: its name and its command line, with the
    /// hosts that such a program is known to load from. An address: its name with scheme, host and port.
    ///
    /// # Errors
    /// Why it cannot be started at all.
    pub fn start_requests(&self, name: &str) -> Result<Vec<Request>, String> {
        let slot = self.find(name)?;
        match slot.status() {
            Status::Ready => return Ok(Vec::new()),
            Status::Disabled => {
                return Err(format!("the server `{name}` is switched off in `{}`", slot.entry.file));
            }
            _ => {}
        }
        if let Err(why) = &slot.ready {
            return Err(format!("the server `{name}` cannot be started: {why}"));
        }
        Ok(self.requests(&slot.entry))
    }

    /// What starting a server would want, were it not running; nothing for one that is switched off or broken.
    pub fn wanted_to_start(&self, name: &str) -> Vec<Request> {
        let slot =
            self.find(name).ok().filter(|slot| slot.ready.is_ok() && slot.status() != Status::Disabled);
        slot.map_or_else(Vec::new, |slot| self.requests(&slot.entry))
    }

    fn requests(&self, entry: &Entry) -> Vec<Request> {
        let request = |capability, target| Request { capability, target, origin: Origin::Agent };
        if let Some(origin) = entry.origin() {
            return vec![request(Capability::Mcp, Target::Name(format!("{} {origin}", entry.name)))];
        }
        let line = entry.line().unwrap_or_default();
        let commands = policy::judge(&line).unwrap_or_default();
        let mut hosts: Vec<String> =
            commands.iter().flat_map(|command| self.around.confine.hosts(command)).collect();
        hosts.extend(entry.loads_from().iter().map(ToString::to_string));
        hosts.sort();
        hosts.dedup();
        let mut requests = vec![request(Capability::Mcp, Target::Name(entry.name.clone()))];
        requests.push(request(Capability::Shell, Target::Command(line)));
        requests
            .extend(hosts.into_iter().map(|host| request(Capability::SandboxNetwork, Target::Name(host))));
        requests
    }

    /// Starts a server, unless it runs. The permit must hold all that [`Servers::start_requests`] says.
    ///
    /// # Errors
    /// Why it does not run, with the next step where there is one.
    pub async fn start(&self, name: &str, permit: &Permit) -> Result<(), String> {
        let slot = self.find(name)?;
        self.running(&slot, permit).await.map(drop).map_err(|fault| slot.tell(&fault))
    }

    async fn running(&self, slot: &Slot, permit: &Permit) -> Result<Arc<Connection>, Fault> {
        let mut live = slot.live.lock().await;
        if let Some(connection) = live.as_ref() {
            match connection.gone() {
                None => return Ok(Arc::clone(connection)),
                Some(why) => slot.set(Status::Failed(why)),
            }
        }
        if let Some(dead) = live.take() {
            slot.see(None);
            dead.stop().await;
        }
        let ready = slot.ready.as_ref().map_err(|why| Fault::Refused(why.clone()))?;
        if slot.entry.server.is_disabled {
            return Err(Fault::Refused("it is switched off".to_string()));
        }
        let wanted = self.requests(&slot.entry);
        let is_permitted = |wanted: &Request| {
            permit
                .requests()
                .iter()
                .any(|it| it.capability == wanted.capability && it.target == wanted.target)
        };
        if !wanted.iter().all(is_permitted) {
            return Err(Fault::Refused(
                "it does not run now, and starting it was not asked for; call again".to_string(),
            ));
        }
        if slot.state().starts >= STARTS_MAX {
            return Err(Fault::Refused(format!("it was started {STARTS_MAX} times already in this session")));
        }
        if let Err(why) = (self.around.may_start)(&slot.entry) {
            let fault = Fault::Refused(why);
            slot.fail(&fault);
            return Err(fault);
        }
        slot.state().starts += 1;
        slot.set(Status::Starting);
        let mut begun = Begun { slot, is_over: false };
        let connected = connect(&slot.entry.name, ready, &self.around, permit).await;
        let connected = match connected {
            Ok((connection, notes)) => {
                let connection = Arc::new(connection);
                slot.state().known.notes = ready.notes.iter().chain(&notes).cloned().collect();
                match self.list(slot, &connection).await {
                    Ok(()) => Ok(connection),
                    Err(fault) => {
                        connection.stop().await;
                        Err(fault)
                    }
                }
            }
            Err(fault) => Err(fault),
        };
        begun.is_over = true;
        match connected {
            Ok(connection) => {
                *live = Some(Arc::clone(&connection));
                slot.see(Some(Arc::clone(&connection)));
                slot.set(Status::Ready);
                Ok(connection)
            }
            Err(fault) => {
                slot.fail(&fault);
                Err(fault)
            }
        }
    }

    /// Asks for its tools, looks through them and compares them with the lock.
    async fn list(&self, slot: &Slot, connection: &Connection) -> Result<(), Fault> {
        let raw = connection.tools(slot.entry.timeout_ms().min(self.around.handshake_ms)).await?;
        let vetted = vet(&raw);
        let version = connection.version();
        let now = Locked::of(&version, &slot.entry.source().to_string(), &vetted.tools);
        let before = self.locked(&slot.entry);
        let changed = before.as_ref().map(|before| before.compare(&now)).unwrap_or_default();
        if before.is_none() || (!changed.is_empty() && !changed.closes()) {
            self.locks.keep(&slot.entry.key(), &now).map_err(Fault::Refused)?;
        }
        let is_agreed = |tool: &Described| before.as_ref().is_none_or(|before| before.holds(tool));
        let mut state = slot.state();
        state.known.tools = vetted
            .tools
            .iter()
            .filter(|tool| is_agreed(tool) && !slot.entry.is_switched_off(&tool.name))
            .cloned()
            .collect();
        state.known.notes.extend(vetted.notes);
        state.known.described = Some(vetted.tools);
        state.known.changed = changed;
        state.known.version = version;
        state.known.protocol = connection.protocol();
        state.now = Some(now);
        Ok(())
    }

    /// Agrees to the tools of a running server as they are now.
    ///
    /// # Errors
    /// When it was not asked for its tools in this session, or the lock cannot be kept.
    pub fn agree(&self, name: &str) -> Result<Changed, String> {
        let slot = self.find(name)?;
        let now = slot.state().now.clone();
        let now =
            now.ok_or_else(|| format!("the server `{name}` was not started, so its tools are not known"))?;
        self.locks.keep(&slot.entry.key(), &now)?;
        let mut state = slot.state();
        let described = state.known.described.clone().unwrap_or_default();
        state.known.tools = described;
        state.known.tools.retain(|tool| !slot.entry.is_switched_off(&tool.name));
        Ok(std::mem::take(&mut state.known.changed))
    }

    /// Stops a server. It can be started again.
    pub async fn stop(&self, name: &str) {
        if let Ok(slot) = self.find(name) {
            slot.stop().await;
        }
    }

    /// Stops all servers, together.
    pub async fn stop_all(&self) {
        let slots: Vec<Arc<Slot>> =
            self.slots.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        futures_util::future::join_all(slots.iter().map(|slot| slot.stop())).await;
    }

    /// Calls a tool of a server, which is started when the permit covers that.
    ///
    /// # Errors
    /// Why there is no answer, with the next step where there is one.
    pub async fn call(
        &self,
        name: &str,
        tool: &str,
        arguments: Map<String, Value>,
        permit: &Permit,
        on_progress: &(dyn Fn(&str) + Send + Sync),
    ) -> Result<Answer, String> {
        let slot = self.find(name)?;
        let wanted = Target::Name(format!("{name}/{tool}"));
        if !permit.requests().iter().any(|it| it.capability == Capability::Mcp && it.target == wanted) {
            return Err(format!("the permit does not name `{name}/{tool}`; nothing was called"));
        }
        let connection = self.running(&slot, permit).await.map_err(|fault| slot.tell(&fault))?;
        if connection.has_changed().await {
            self.list(&slot, &connection).await.map_err(|fault| slot.tell(&fault))?;
        }
        self.is_open(&slot, tool)?;
        let called = connection.call(tool, arguments, slot.entry.timeout_ms(), on_progress).await;
        called.map(|result| answer::of_call(&result)).map_err(|fault| slot.failed(&fault))
    }

    /// Whether a tool may be called: it is there, agreed to, and not switched off.
    fn is_open(&self, slot: &Slot, tool: &str) -> Result<(), String> {
        let name = &slot.entry.name;
        let state = slot.state();
        if state.known.tools.iter().any(|known| known.name == tool) {
            return Ok(());
        }
        if slot.entry.is_switched_off(tool) {
            return Err(format!("the tool `{tool}` of `{name}` is switched off in `{}`", slot.entry.file));
        }
        let is_there = state.known.described.iter().flatten().any(|known| known.name == tool);
        if is_there {
            return Err(format!(
                "the tool `{tool}` of `{name}` is not as it was when a person agreed to it; it can be called again after `waypost mcp accept {}`",
                slot.entry.words()
            ));
        }
        let tools: Vec<&str> = state.known.tools.iter().map(|known| known.name.as_str()).take(50).collect();
        Err(format!("the server `{name}` has no tool `{tool}`; it has: {}", tools.join(", ")))
    }

    /// The resources of a running server and the templates of more, as lines.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn resources(&self, name: &str, permit: &Permit) -> Result<Vec<String>, String> {
        let (slot, connection) = self.permitted(name, permit).await?;
        let listed = connection.resources(slot.entry.timeout_ms()).await;
        let [resources, templates] = listed.map_err(|fault| slot.failed(&fault))?;
        let line = |item: &Value, address: &str| {
            let said = |field: &str| item.get(field).and_then(Value::as_str).unwrap_or_default();
            format!("{} {} {}", said(address), said("name"), said("description")).trim_end().to_string()
        };
        let resources = resources.iter().map(|item| line(item, "uri"));
        Ok(resources.chain(templates.iter().map(|item| line(item, "uriTemplate"))).collect())
    }

    /// A resource of a server, as text.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn read(&self, name: &str, uri: &str, permit: &Permit) -> Result<String, String> {
        let (slot, connection) = self.permitted(name, permit).await?;
        let read = connection.read(uri, slot.entry.timeout_ms()).await;
        read.map(|result| answer::of_resource(&result)).map_err(|fault| slot.failed(&fault))
    }

    /// The prompts of a server: names with descriptions.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn prompts(&self, name: &str, permit: &Permit) -> Result<Vec<(String, String)>, String> {
        let (slot, connection) = self.permitted(name, permit).await?;
        let prompts =
            connection.prompts(slot.entry.timeout_ms()).await.map_err(|fault| slot.failed(&fault))?;
        let said = |item: &Value, field: &str| {
            item.get(field).and_then(Value::as_str).unwrap_or_default().to_string()
        };
        Ok(prompts.iter().map(|item| (said(item, "name"), said(item, "description"))).collect())
    }

    /// A prompt of a server with these arguments, as text.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn prompt(
        &self,
        name: &str,
        prompt: &str,
        arguments: Map<String, Value>,
        permit: &Permit,
    ) -> Result<String, String> {
        let (slot, connection) = self.permitted(name, permit).await?;
        let got = connection.prompt(prompt, arguments, slot.entry.timeout_ms()).await;
        got.map(|result| answer::of_prompt(&result)).map_err(|fault| slot.failed(&fault))
    }

    /// The connection for reading, when the permit is about this server at all.
    async fn permitted(&self, name: &str, permit: &Permit) -> Result<(Arc<Slot>, Arc<Connection>), String> {
        let slot = self.find(name)?;
        let is_about = |target: &Target| match target {
            Target::Name(text) => text.split(['/', ' ']).next() == Some(name),
            _ => false,
        };
        if !permit.requests().iter().any(|it| it.capability == Capability::Mcp && is_about(&it.target)) {
            return Err(format!("the permit does not name `{name}`; nothing was asked"));
        }
        let connection = self.running(&slot, permit).await.map_err(|fault| slot.tell(&fault))?;
        Ok((slot, connection))
    }

    /// Takes a person through the login of a server at an address and keeps what it gave.
    ///
    /// # Errors
    /// Why there is no login.
    pub fn login<'a>(&'a self, name: &'a str, browser: &'a dyn Browser) -> Later<'a, Result<(), String>> {
        Box::pin(async move {
            let slot = self.find(name)?;
            let ready = slot.ready.as_ref().map_err(Clone::clone)?;
            let Reach::Address { url, oauth, .. } = &ready.reach else {
                return Err(format!("the server `{name}` is a program of this machine and has no login"));
            };
            let challenge = slot.state().challenge.clone();
            let login = Login {
                server: name,
                url,
                oauth,
                challenge: challenge.as_deref(),
                web: &self.around.web,
                tokens: Arc::clone(&self.around.tokens),
            };
            login.run(browser).await?;
            slot.stop().await;
            slot.set(Status::Off);
            Ok(())
        })
    }

    /// Forgets the login of a server.
    ///
    /// # Errors
    /// Why it cannot be forgotten.
    pub async fn logout(&self, name: &str) -> Result<(), String> {
        let slot = self.find(name)?;
        let ready = slot.ready.as_ref().map_err(Clone::clone)?;
        let Reach::Address { url, .. } = &ready.reach else {
            return Err(format!("the server `{name}` is a program of this machine and has no login"));
        };
        self.around.tokens.clear(&crate::oauth::token_key(name, url))?;
        slot.stop().await;
        Ok(())
    }
}
