//! A desktop to test against: a private session bus, a notification server that records, and a
//! process of its own for a test that needs them in its environment.
#![cfg(target_os = "linux")]
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use tokio::sync::{oneshot, watch};
use tokio::time::Instant;
use zbus::fdo::DBusProxy;
use zbus::{Connection, OwnedVariant, connection, interface, message};

/// Long enough for the slowest machine: only a failing test waits that long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";
const SESSION: &str = "CCWATCH_TEST_SESSION";

/// Runs the test in a process of its own, whose environment names a session bus at
/// `DIR/bus` (where there's none yet) and has nothing else of this machine's desktop.
///
/// `test` must be the test's own full name, such as `popups::shown`.
pub(crate) fn in_session(test: &str, body: impl FnOnce(&Path)) {
    if let Some(dir) = std::env::var_os(SESSION) {
        return body(Path::new(&dir));
    }
    let dir = tempfile::tempdir().unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env_clear()
        .envs(std::env::var_os("LD_LIBRARY_PATH").map(|path| ("LD_LIBRARY_PATH", path)))
        .env("PATH", dir.path().join("bin"))
        .env("XDG_RUNTIME_DIR", dir.path())
        .env("DBUS_SESSION_BUS_ADDRESS", address_in(dir.path()))
        .env(SESSION, dir.path())
        .output()
        .unwrap();
    let told = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success() && told.contains("1 passed"), "{test}, inside:\n{told}");
}

/// The address of a bus whose socket is `DIR/bus`.
pub(crate) fn address_in(dir: &Path) -> String {
    format!("unix:path={}", dir.join("bus").display())
}

/// A session bus without service activation, in a thread of this process.
pub(crate) struct Bus {
    address: String,
    peers: Arc<busd::peers::Peers>,
    thread: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

impl Bus {
    /// Starts a bus whose socket is `DIR/bus`, and returns once it can be reached.
    pub(crate) fn start(dir: &Path) -> Self {
        let address = address_in(dir);
        let (stop, stopped) = oneshot::channel::<()>();
        let (ready, is_ready) = mpsc::channel();
        let listen_at = address.clone();
        let thread = spawn("bus", move || {
            zruntime::block_on(async {
                let mut bus = busd::bus::Bus::for_address(Some(&listen_at)).await.unwrap();
                ready.send(Arc::clone(bus.peers())).unwrap();
                futures_lite::future::or(async { bus.run().await.unwrap() }, async {
                    let _ = stopped.await;
                })
                .await;
                // The bus as a process would take all of its connections with it.
                let peers: Vec<_> =
                    bus.peers().peers().await.values().map(|peer| peer.conn().clone()).collect();
                for peer in peers {
                    let _ = peer.close().await;
                }
                bus.cleanup().await.unwrap();
            });
        });
        let peers = is_ready.recv_timeout(PATIENCE).expect("the bus did not start");
        Self { address, peers, thread: Some((stop, thread)) }
    }

    /// Cuts the connection of the client with that unique name.
    pub(crate) fn cut(&self, name: &str) {
        zruntime::block_on(async {
            let peers = self.peers.peers().await;
            let client = peers.values().find(|peer| peer.unique_name().as_str() == name);
            client.expect("a client").conn().clone().close().await.unwrap();
        });
    }

    /// What to set `DBUS_SESSION_BUS_ADDRESS` to.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        end(self.thread.take());
    }
}

/// A call of `Notify`, and the id that it got.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Notified {
    pub(crate) app_name: String,
    pub(crate) replaces_id: u32,
    pub(crate) icon: String,
    pub(crate) summary: String,
    pub(crate) body: String,
    pub(crate) actions: Vec<String>,
    pub(crate) urgency: Option<u8>,
    pub(crate) category: Option<String>,
    pub(crate) desktop_entry: Option<String>,
    /// Every hint that was sent, by name.
    pub(crate) hints: Vec<String>,
    pub(crate) expire: i32,
    /// The unique bus name of the caller.
    pub(crate) sender: String,
    /// The id that was returned.
    pub(crate) id: u32,
}

/// Whose ways a server has: each as strict as the real one was found to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Character {
    /// GNOME Shell. A bubble is replaced only by the connection that made it, as long as that
    /// lives, and nobody may count on seeing it: what comes in the place of a critical banner, or of
    /// one that is about to leave, goes to the list. There is one banner; a critical one stays and
    /// keeps all others off the screen, and one that still slides in is taken away by the next. Only
    /// who made a bubble hears what becomes of it.
    Gnome,
    /// LXQt: a click doesn't close. It crashes over a bubble that had a time to expire at first and
    /// then none, as soon as that is touched again.
    Lxqt,
    /// A small bubble: of long texts the end is not seen. It answers with an error if a bubble is to
    /// be closed that isn't there.
    Small,
    /// By the book, and under a name that nobody knows.
    Plain,
}

impl Character {
    pub(crate) const ALL: [Self; 4] = [Self::Gnome, Self::Lxqt, Self::Small, Self::Plain];

    /// The name and the maker that it claims.
    pub(crate) fn name(self) -> (&'static str, &'static str) {
        match self {
            Self::Gnome => ("gnome-shell", "GNOME"),
            Self::Lxqt => ("lxqt-notificationd", "lxqt.org"),
            Self::Small => ("Xfce Notify Daemon", "Xfce"),
            Self::Plain => ("recorder", "ccwatch"),
        }
    }

    /// How many characters of the title and of the body there is room for.
    fn room(self) -> (usize, usize) {
        if self == Self::Small { (40, 300) } else { (usize::MAX, usize::MAX) }
    }
}

/// A notification server that remembers everything: what it was told, and what a user would see of
/// it.
///
/// It follows the rules of the specification for ids: they begin at 1 with each start, and a
/// `replaces_id` is kept if that bubble is there, else it gets a new one.
pub(crate) struct Server {
    desk: Arc<Desk>,
    frozen: watch::Sender<bool>,
    held: watch::Sender<bool>,
    connection: Connection,
    runtime: tokio::runtime::Handle,
    thread: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

struct Desk {
    character: Character,
    log: Mutex<Vec<Notified>>,
    grown: Condvar,
    screen: Mutex<Screen>,
    cleared: Condvar,
    asked: Mutex<Asked>,
    called: Condvar,
    /// Replacements that were refused.
    refused: AtomicUsize,
    /// Whether all are.
    refuses: AtomicBool,
    /// Whether it shows each bubble and answers with an error.
    denies: AtomicBool,
    /// Whether the user clicks a bubble just before it is replaced.
    clicks_first: AtomicBool,
    /// Whether the next bubble is shown only when it is let go.
    holds_next: AtomicBool,
}

/// What else it was asked.
#[derive(Default)]
struct Asked {
    /// The unique bus names of those who asked what it is.
    clients: BTreeSet<String>,
    /// The bubbles that it was to close.
    to_close: Vec<u32>,
}

/// What is there to be seen.
#[derive(Default)]
struct Screen {
    /// Every bubble that is not closed, the oldest first.
    list: Vec<Shown>,
    /// GNOME's one banner.
    banner: Option<u32>,
    /// Until when it slides in.
    slides_in: Option<Instant>,
    /// Everything that was ever seen.
    seen: Vec<Shown>,
}

/// How long GNOME's banner slides in.
const SLIDING: Duration = Duration::from_millis(200);

/// A bubble as the user sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Shown {
    pub(crate) id: u32,
    pub(crate) title: String,
    pub(crate) body: String,
    critical: bool,
    sender: String,
    expire: i32,
    /// LXQt holds on to a timer that is no more.
    torn: bool,
}

impl Screen {
    fn find(&self, id: u32) -> Option<&Shown> {
        self.list.iter().find(|shown| shown.id == id)
    }

    fn take_down(&mut self, id: u32) -> Option<Shown> {
        self.banner = self.banner.filter(|banner| *banner != id);
        let at = self.list.iter().position(|shown| shown.id == id)?;
        Some(self.list.remove(at))
    }

    fn put(&mut self, character: Character, mut shown: Shown) {
        shown.torn = self.find(shown.id).is_some_and(|b| b.expire != 0 && shown.expire == 0);
        let before = self.list.iter().position(|other| other.id == shown.id);
        let before = before.map(|at| std::mem::replace(&mut self.list[at], shown.clone()));
        if before.is_none() {
            self.list.push(shown.clone());
        }
        if character == Character::Gnome {
            if before.is_some() {
                self.banner = self.banner.filter(|banner| *banner != shown.id);
                return;
            }
            let banner = self.banner.and_then(|id| self.find(id));
            if banner.is_some_and(|banner| banner.critical) {
                return;
            }
            let now = Instant::now();
            if self.slides_in.replace(now + SLIDING).is_some_and(|until| now < until) {
                self.seen.pop();
            }
            self.banner = Some(shown.id);
        }
        self.seen.push(shown);
    }
}

impl Server {
    /// Starts the strictest server on the bus, and returns once it owns its name.
    pub(crate) fn start(bus: &Bus, capabilities: &[&str]) -> Self {
        Self::with(Character::Gnome, bus, capabilities)
    }

    /// Starts a server on the bus, and returns once it owns its name.
    pub(crate) fn with(character: Character, bus: &Bus, capabilities: &[&str]) -> Self {
        let desk = Arc::new(Desk {
            character,
            log: Mutex::default(),
            grown: Condvar::new(),
            screen: Mutex::default(),
            cleared: Condvar::new(),
            asked: Mutex::default(),
            called: Condvar::new(),
            refused: AtomicUsize::new(0),
            refuses: AtomicBool::new(false),
            denies: AtomicBool::new(false),
            clicks_first: AtomicBool::new(false),
            holds_next: AtomicBool::new(false),
        });
        let (frozen, is_frozen) = watch::channel(false);
        let (held, is_held) = watch::channel(false);
        let capabilities = capabilities.iter().map(ToString::to_string).collect();
        let fake = Fake { desk: Arc::clone(&desk), capabilities, frozen: is_frozen, held: is_held };
        let address = bus.address().to_owned();
        let (stop, stopped) = oneshot::channel::<()>();
        let (ready, is_ready) = mpsc::channel();
        let thread = spawn("server", move || {
            runtime().block_on(async {
                let builder = connection::Builder::address(address.as_str());
                let connection = builder.name(NAME).serve_at(PATH, fake).build().await.unwrap();
                ready.send((connection.clone(), tokio::runtime::Handle::current())).unwrap();
                let _ = stopped.await;
                let _ = connection.close().await;
            });
        });
        let (connection, runtime) =
            is_ready.recv_timeout(PATIENCE).expect("the notification server did not start");
        Self { desk, frozen, held, connection, runtime, thread: Some((stop, thread)) }
    }

    /// Waits until `Notify` was called `n` times, and returns all calls.
    #[track_caller]
    pub(crate) fn wait_for(&self, n: usize, timeout: Duration) -> Vec<Notified> {
        let log = self.desk.log.lock().unwrap();
        let (log, waited) =
            self.desk.grown.wait_timeout_while(log, timeout, |log| log.len() < n).unwrap();
        assert!(!waited.timed_out(), "waited for {n} calls of Notify, got {log:#?}");
        log.clone()
    }

    /// All calls of `Notify` so far.
    pub(crate) fn log(&self) -> Vec<Notified> {
        self.desk.log.lock().unwrap().clone()
    }

    /// Everything that the user has seen so far, one text after another.
    pub(crate) fn seen(&self) -> Vec<Shown> {
        self.desk.screen.lock().unwrap().seen.clone()
    }

    /// What can be seen of a title.
    pub(crate) fn cut(&self, title: &str) -> String {
        title.chars().take(self.desk.character.room().0).collect()
    }

    /// What is on the screen now.
    pub(crate) fn screen(&self) -> Vec<Shown> {
        let screen = self.desk.screen.lock().unwrap();
        let on_it = |shown: &&Shown| {
            self.desk.character != Character::Gnome || screen.banner == Some(shown.id)
        };
        screen.list.iter().filter(on_it).cloned().collect()
    }

    /// What is on the screen or in the server's list now.
    pub(crate) fn list(&self) -> Vec<Shown> {
        self.desk.screen.lock().unwrap().list.clone()
    }

    /// From now on no bubble may be replaced.
    pub(crate) fn refuse(&self) {
        self.desk.refuses.store(true, Ordering::SeqCst);
    }

    /// From now on each bubble is shown, and it is said that the server left over it.
    pub(crate) fn deny(&self) {
        self.desk.denies.store(true, Ordering::SeqCst);
    }

    /// The user clicks a bubble at the moment at which another text is about to take its place, or at
    /// which it is to be closed.
    pub(crate) fn click_before_the_next(&self) {
        self.desk.clicks_first.store(true, Ordering::SeqCst);
    }

    /// How many replacements were refused.
    pub(crate) fn refused(&self) -> usize {
        self.desk.refused.load(Ordering::SeqCst)
    }

    /// Waits until nothing with this id is there any more.
    #[track_caller]
    pub(crate) fn wait_until_gone(&self, id: u32) {
        let screen = self.desk.screen.lock().unwrap();
        let there = |screen: &mut Screen| screen.find(id).is_some();
        let (_screen, waited) =
            self.desk.cleared.wait_timeout_while(screen, PATIENCE, there).unwrap();
        assert!(!waited.timed_out(), "{id} is still there");
    }

    /// Waits until so many programs have asked what it is, one after the other.
    #[track_caller]
    pub(crate) fn wait_for_clients(&self, n: usize) {
        self.wait_until_asked(|asked| asked.clients.len() >= n);
    }

    /// Waits until somebody wants the bubble with this id closed, whether or not it is there.
    #[track_caller]
    pub(crate) fn wait_until_asked_to_close(&self, id: u32) {
        self.wait_until_asked(|asked| asked.to_close.contains(&id));
    }

    #[track_caller]
    fn wait_until_asked(&self, done: impl Fn(&Asked) -> bool) {
        let asked = self.desk.asked.lock().unwrap();
        let not_yet = |asked: &mut Asked| !done(asked);
        let (asked, waited) =
            self.desk.called.wait_timeout_while(asked, PATIENCE, not_yet).unwrap();
        assert!(!waited.timed_out(), "asked by {:?}, to close {:?}", asked.clients, asked.to_close);
    }

    /// Takes a bubble off the screen and says so (1 expired, 2 dismissed, 3 closed by a program).
    pub(crate) fn close(&self, id: u32, reason: u32) {
        let shown = self.desk.take_down(id);
        self.emit(shown.as_ref(), "NotificationClosed", (id, reason));
    }

    /// The user clicks a bubble: its default action, then it is closed, except by LXQt.
    pub(crate) fn click(&self, id: u32) {
        let shown = self.list().into_iter().find(|shown| shown.id == id);
        self.emit(shown.as_ref(), "ActionInvoked", (id, "default"));
        if self.desk.character != Character::Lxqt {
            self.close(id, 2);
        }
    }

    /// From now on nothing is answered, but everything is remembered.
    pub(crate) fn freeze(&self) {
        self.frozen.send_replace(true);
    }

    /// Answers again, old calls first.
    pub(crate) fn thaw(&self) {
        self.frozen.send_replace(false);
    }

    /// The next bubble takes a long time, and nothing else does.
    pub(crate) fn hold_the_next(&self) {
        self.held.send_replace(true);
        self.desk.holds_next.store(true, Ordering::SeqCst);
    }

    /// What was held is shown now.
    pub(crate) fn let_go(&self) {
        self.held.send_replace(false);
    }

    /// Whether a name, unique or well-known, has an owner on the bus.
    pub(crate) fn has_name(&self, name: &str) -> bool {
        let (connection, name) = (self.connection.clone(), name.to_owned());
        self.run(async move {
            let bus = DBusProxy::new(&connection).await.unwrap();
            bus.name_has_owner(name.as_str().try_into().unwrap()).await.unwrap()
        })
    }

    /// Also takes the role of the desktop portal: links to open arrive in the channel. One that
    /// doesn't work answers each with an error. (The bus here answers nothing at all for a name
    /// without an owner, unlike those in use.)
    pub(crate) fn serve_portal(&self, works: bool) -> mpsc::Receiver<String> {
        let (opened, links) = mpsc::channel();
        let connection = self.connection.clone();
        self.run(async move {
            let path = "/org/freedesktop/portal/desktop";
            connection.object_server().at(path, Portal { opened, works }).await.unwrap();
            connection.request_name("org.freedesktop.portal.Desktop").await.unwrap();
        });
        links
    }

    /// Also takes the role of systemd's user manager: what it is to start arrives in the channel.
    pub(crate) fn serve_service_manager(&self) -> mpsc::Receiver<String> {
        let (started, commands) = mpsc::channel();
        let connection = self.connection.clone();
        self.run(async move {
            let path = "/org/freedesktop/systemd1";
            connection.object_server().at(path, ServiceManager { started }).await.unwrap();
            connection.request_name("org.freedesktop.systemd1").await.unwrap();
        });
        commands
    }

    /// Leaves the bus, to make room for another server; what it got can still be asked for.
    pub(crate) fn leave(&mut self) {
        end(self.thread.take());
    }

    /// Leaves the bus. Dropping does the same.
    pub(crate) fn stop(self) {}

    fn emit(
        &self,
        shown: Option<&Shown>,
        signal: &'static str,
        body: impl serde::Serialize + zbus::DynamicType + Send + Sync + 'static,
    ) {
        let (connection, hears) = (self.connection.clone(), self.desk.who_hears(shown));
        self.run(async move {
            connection.emit_signal(hears.as_deref(), PATH, NAME, signal, &body).await.unwrap();
        });
    }

    fn run<T: Send + 'static>(&self, task: impl Future<Output = T> + Send + 'static) -> T {
        let (done, result) = mpsc::channel();
        self.runtime.spawn(async move { done.send(task.await) });
        result.recv_timeout(PATIENCE).expect("the notification server hangs")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        end(self.thread.take());
    }
}

impl Desk {
    /// Who is told what becomes of a bubble; none: everyone.
    fn who_hears(&self, shown: Option<&Shown>) -> Option<String> {
        let shown = shown.filter(|_| self.character == Character::Gnome);
        shown.map(|shown| shown.sender.clone())
    }

    fn take_down(&self, id: u32) -> Option<Shown> {
        let shown = self.screen.lock().unwrap().take_down(id);
        self.cleared.notify_all();
        shown
    }

    fn is_asked(&self, what: impl FnOnce(&mut Asked)) {
        what(&mut self.asked.lock().unwrap());
        self.called.notify_all();
    }
}

struct Fake {
    desk: Arc<Desk>,
    capabilities: Vec<String>,
    frozen: watch::Receiver<bool>,
    held: watch::Receiver<bool>,
}

impl Fake {
    async fn until_thawed(&self) {
        let _ = self.frozen.clone().wait_for(|frozen| !frozen).await;
    }

    /// As far as anybody can tell: everything is gone, and the call was not answered.
    fn crash_over(&self, id: u32) -> zbus::fdo::Result<()> {
        let mut screen = self.desk.screen.lock().unwrap();
        let torn = screen.find(id).is_some_and(|shown| shown.torn);
        if self.desk.character != Character::Lxqt || !torn {
            return Ok(());
        }
        screen.list.clear();
        Err(zbus::fdo::Error::NoReply("crashed".to_owned()))
    }

    /// The same as [`Server::click`], in the middle of a call.
    async fn clicked(&self, connection: &Connection, id: u32) {
        let shown = self.desk.screen.lock().unwrap().find(id).cloned();
        let hears = self.desk.who_hears(shown.as_ref());
        let hears = hears.as_deref();
        let action = (id, "default");
        connection.emit_signal(hears, PATH, NAME, "ActionInvoked", &action).await.unwrap();
        if self.desk.character != Character::Lxqt {
            self.desk.take_down(id);
            let closed = (id, 2_u32);
            connection.emit_signal(hears, PATH, NAME, "NotificationClosed", &closed).await.unwrap();
        }
    }

    async fn may_replace(&self, connection: &Connection, id: u32, sender: &str) -> bool {
        let shown = self.desk.screen.lock().unwrap().find(id).cloned();
        if self.desk.refuses.load(Ordering::SeqCst) && id != 0 {
            return false;
        }
        let stranger = shown.filter(|_| self.desk.character == Character::Gnome);
        let Some(stranger) = stranger.filter(|shown| shown.sender != sender) else { return true };
        let bus = DBusProxy::new(connection).await.unwrap();
        !bus.name_has_owner(stranger.sender.as_str().try_into().unwrap()).await.unwrap()
    }
}

#[interface(name = "org.freedesktop.Notifications")]
impl Fake {
    async fn get_capabilities(&self) -> Vec<String> {
        self.until_thawed().await;
        self.capabilities.clone()
    }

    async fn get_server_information(
        &self,
        #[zbus(header)] header: message::Header<'_>,
    ) -> (String, String, String, String) {
        self.until_thawed().await;
        let sender = header.sender().unwrap().to_string();
        self.desk.is_asked(|asked| asked.clients.extend([sender]));
        let (name, maker) = self.desk.character.name();
        (name.into(), maker.into(), "1".into(), "1.2".into())
    }

    #[expect(clippy::too_many_arguments, reason = "the specification's")]
    async fn notify(
        &self,
        #[zbus(header)] header: message::Header<'_>,
        #[zbus(connection)] connection: &Connection,
        app_name: String,
        replaces_id: u32,
        icon: String,
        summary: String,
        body: String,
        actions: Vec<String>,
        hints: HashMap<String, OwnedVariant>,
        expire: i32,
    ) -> zbus::fdo::Result<u32> {
        self.until_thawed().await;
        if self.desk.holds_next.swap(false, Ordering::SeqCst) {
            let _ = self.held.clone().wait_for(|held| !held).await;
        }
        let sender = header.sender().unwrap().to_string();
        self.crash_over(replaces_id)?;
        if replaces_id != 0 && self.desk.clicks_first.swap(false, Ordering::SeqCst) {
            self.clicked(connection, replaces_id).await;
        }
        if !self.may_replace(connection, replaces_id, &sender).await {
            self.desk.refused.fetch_add(1, Ordering::SeqCst);
            return Err(zbus::fdo::Error::InvalidArgs("Invalid notification ID".to_owned()));
        }
        let mut log = self.desk.log.lock().unwrap();
        let mut screen = self.desk.screen.lock().unwrap();
        let id = if screen.find(replaces_id).is_some() {
            replaces_id
        } else {
            log.iter().map(|call| call.id).max().unwrap_or(0) + 1
        };
        let urgency = hints.get("urgency").map(|v| u8::try_from(v.clone()).unwrap());
        let (title, text) = self.desk.character.room();
        screen.put(
            self.desk.character,
            Shown {
                id,
                title: summary.chars().take(title).collect(),
                body: body.chars().take(text).collect(),
                critical: urgency == Some(2),
                sender: sender.clone(),
                expire,
                torn: false,
            },
        );
        let text = |hint: &str| hints.get(hint).map(|v| String::try_from(v.clone()).unwrap());
        let mut names: Vec<_> = hints.keys().cloned().collect();
        names.sort();
        log.push(Notified {
            app_name,
            replaces_id,
            icon,
            summary,
            body,
            actions,
            urgency,
            category: text("category"),
            desktop_entry: text("desktop-entry"),
            hints: names,
            expire,
            sender,
            id,
        });
        self.desk.grown.notify_all();
        match self.desk.denies.load(Ordering::SeqCst) {
            true => Err(zbus::fdo::Error::NoReply("it left without a word".to_owned())),
            false => Ok(id),
        }
    }

    async fn close_notification(
        &self,
        #[zbus(connection)] connection: &Connection,
        id: u32,
    ) -> zbus::fdo::Result<()> {
        self.until_thawed().await;
        self.desk.is_asked(|asked| asked.to_close.push(id));
        self.crash_over(id)?;
        if self.desk.clicks_first.swap(false, Ordering::SeqCst) {
            self.clicked(connection, id).await;
        }
        let Some(shown) = self.desk.take_down(id) else {
            let strict = self.desk.character == Character::Small;
            let error = zbus::fdo::Error::InvalidArgs(format!("{id} is not there"));
            return if strict { Err(error) } else { Ok(()) };
        };
        let hears = self.desk.who_hears(Some(&shown));
        let (signal, body) = ("NotificationClosed", (id, 3_u32));
        connection.emit_signal(hears.as_deref(), PATH, NAME, signal, &body).await?;
        Ok(())
    }
}

struct Portal {
    opened: mpsc::Sender<String>,
    works: bool,
}

#[interface(name = "org.freedesktop.portal.OpenURI")]
impl Portal {
    #[zbus(name = "OpenURI")]
    async fn open_uri(
        &self,
        _parent: String,
        uri: String,
        _options: HashMap<String, OwnedVariant>,
    ) -> zbus::fdo::Result<zbus::OwnedObjectPath> {
        self.opened.send(uri).unwrap();
        if !self.works {
            return Err(zbus::fdo::Error::Failed("no browser".to_owned()));
        }
        Ok(zbus::OwnedObjectPath::try_from("/org/freedesktop/portal/desktop/request/1").unwrap())
    }
}

struct ServiceManager {
    started: mpsc::Sender<String>,
}

#[interface(name = "org.freedesktop.systemd1.Manager")]
impl ServiceManager {
    async fn start_transient_unit(
        &self,
        _name: String,
        _mode: String,
        properties: Vec<(String, OwnedVariant)>,
        _others: Vec<(String, Vec<(String, OwnedVariant)>)>,
    ) -> zbus::OwnedObjectPath {
        let start = properties.iter().find(|(name, _)| name == "ExecStart").unwrap();
        self.started.send(start.1.to_string()).unwrap();
        zbus::OwnedObjectPath::try_from("/org/freedesktop/systemd1/job/1").unwrap()
    }
}

/// A runtime of the daemon's kind.
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
    Builder::new().name(name.to_owned()).spawn(body).unwrap()
}

fn end(thread: Option<(oneshot::Sender<()>, JoinHandle<()>)>) {
    if let Some((stop, thread)) = thread {
        let _ = stop.send(());
        let ended = thread.join();
        // A second panic would only hide the first.
        assert!(ended.is_ok() || std::thread::panicking(), "a helper thread panicked");
    }
}
