//! A scriptable status page on 127.0.0.1, for every test that needs one.
//!
//! ```ignore
//! let page = FakePage::start();
//! page.set(|m| m.set_status(CLAUDE_CODE, "partial_outage", "2026-08-21T10:00:00Z"));
//! page.queue(Answer::status(503));      // the next request only
//! page.always(Answer::Silence);         // every request from now on
//! page.wait_for_requests(3, SOON);
//! ```
//! It runs on its own threads, one a connection, keeps connections alive as a real server does,
//! and answers 304 to the ETag of the present content. Dropping it ends everything.

mod answer;
mod model;

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use socket2::{Domain, Socket, Type};

pub(crate) use answer::{Answer, FAULTS, gzip};
pub(crate) use model::*;

/// Long enough for anything that is going to happen at all.
pub(crate) const SOON: Duration = Duration::from_secs(20);

/// A request as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) path: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// The number of the connection, from 0.
    pub(crate) connection: usize,
}

impl Seen {
    /// The header `name` (lower case), if it was sent.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// The page; see the module's text.
pub(crate) struct FakePage {
    shared: Arc<Shared>,
    address: SocketAddr,
    scheme: &'static str,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    model: PageModel,
    queue: VecDeque<Answer>,
    /// Part of the path, and the answer to every request whose path holds it.
    always: Vec<(String, Answer)>,
    seen: Vec<Seen>,
    sent: usize,
    open: Vec<(usize, TcpStream)>,
    stopped: bool,
}

impl FakePage {
    /// A quiet page over http.
    pub(crate) fn start() -> Self {
        Self::serve(None)
    }

    /// A quiet page over https.
    pub(crate) fn start_tls(config: ServerConfig) -> Self {
        Self::serve(Some(Arc::new(config)))
    }

    fn serve(tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let scheme = if tls.is_some() { "https" } else { "http" };
        let own = Arc::clone(&shared);
        let thread = thread::spawn(move || accept(&listener, &own, tls.as_ref()));
        Self { shared, address, scheme, thread: Some(thread) }
    }

    /// The page's address, without a slash at the end.
    pub(crate) fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// Changes what the page shows, at once and as a whole.
    pub(crate) fn set(&self, change: impl FnOnce(&mut PageModel)) {
        change(&mut self.shared.lock().model);
    }

    /// The answer to one request to come; several are used in order.
    pub(crate) fn queue(&self, answer: Answer) {
        self.shared.lock().queue.push_back(answer);
    }

    /// The answer to all requests to come that find no queued one.
    pub(crate) fn always(&self, answer: Answer) {
        self.always_for("", answer);
    }

    /// The same, for the requests whose path holds `part`, such as `incidents.json`.
    pub(crate) fn always_for(&self, part: &str, answer: Answer) {
        self.shared.lock().always.insert(0, (part.to_owned(), answer));
    }

    /// Back to showing the model.
    pub(crate) fn heal(&self) {
        let mut state = self.shared.lock();
        state.queue.clear();
        state.always.clear();
    }

    /// Every request so far.
    pub(crate) fn requests(&self) -> Vec<Seen> {
        self.shared.lock().seen.clone()
    }

    /// How many bytes of answers the other side's kernel took.
    pub(crate) fn bytes_sent(&self) -> usize {
        self.shared.lock().sent
    }

    /// Waits until `n` requests have come in since the start, and returns them all; for each of them
    /// no longer than `timeout`.
    pub(crate) fn wait_for_requests(&self, n: usize, timeout: Duration) -> Vec<Seen> {
        let mut state = self.shared.lock();
        while state.seen.len() < n {
            let before = state.seen.len();
            let none = |state: &mut State| state.seen.len() == before;
            let waited = self.shared.changed.wait_timeout_while(state, timeout, none).unwrap();
            state = waited.0;
            let paths: Vec<_> = state.seen.iter().map(|seen| &seen.path).collect();
            assert!(paths.len() > before, "waited {timeout:?} for one of {n} requests: {paths:?}");
        }
        state.seen.clone()
    }
}

impl Drop for FakePage {
    fn drop(&mut self) {
        {
            let mut state = self.shared.lock();
            state.stopped = true;
            for (_, stream) in state.open.drain(..) {
                let _ = stream.shutdown(Shutdown::Both);
            }
        }
        self.shared.changed.notify_all();
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A port of this machine that refuses every connection, and that nobody else is given as long as this
/// lives; who knows it may listen on it later.
pub(crate) struct DeadPort(Socket);

impl DeadPort {
    pub(crate) fn new() -> Self {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.set_reuse_address(true).unwrap();
        socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).unwrap();
        Self(socket)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap().as_socket().unwrap()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Waits, but not longer than the page lives; whether it still does.
    fn pause(&self, time: Duration) -> bool {
        let alive = |state: &mut State| !state.stopped;
        let (state, _) = self.changed.wait_timeout_while(self.lock(), time, alive).unwrap();
        !state.stopped
    }

    /// With a linger of zero, closing sends a reset instead of an orderly end.
    fn reset_on_close(&self, number: usize) {
        for (_, stream) in self.lock().open.iter().filter(|(open, _)| *open == number) {
            socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO)).unwrap();
        }
    }

    fn note(&self, seen: &Seen) -> Answer {
        let mut state = self.lock();
        state.seen.push(seen.clone());
        let fixed = state.always.iter().find(|(part, _)| seen.path.contains(part));
        let fixed = fixed.map(|(_, answer)| answer.clone());
        let answer = state.queue.pop_front().or(fixed).unwrap_or_else(|| show(&state.model, seen));
        drop(state);
        self.changed.notify_all();
        answer
    }
}

fn accept(listener: &TcpListener, shared: &Shared, tls: Option<&Arc<ServerConfig>>) {
    thread::scope(|scope| {
        for (number, stream) in listener.incoming().enumerate() {
            let Ok(stream) = stream else { continue };
            {
                let mut state = shared.lock();
                if state.stopped {
                    return;
                }
                state.open.push((number, stream.try_clone().unwrap()));
            }
            scope.spawn(move || {
                match tls {
                    None => converse(stream, number, shared),
                    Some(config) => {
                        let tls = ServerConnection::new(Arc::clone(config)).unwrap();
                        converse(StreamOwned::new(tls, stream), number, shared);
                    }
                }
                // The last handle: this closes the connection.
                shared.lock().open.retain(|(open, _)| *open != number);
            });
        }
    });
}

/// Answers one request after another until the other side has enough.
fn converse(mut stream: impl Read + Write, number: usize, shared: &Shared) {
    while let Some(seen) = read_request(&mut stream, number) {
        let answer = shared.note(&seen);
        let send = |stream: &mut dyn Write, bytes: &[u8]| {
            let done = stream.write_all(bytes).and_then(|()| stream.flush()).is_ok();
            shared.lock().sent += if done { bytes.len() } else { 0 };
            done
        };
        match answer {
            Answer::Whole(bytes) => {
                if !send(&mut stream, &bytes) {
                    return;
                }
                continue;
            }
            Answer::Cut(bytes) => {
                send(&mut stream, &bytes);
            }
            Answer::Reset(bytes) => {
                send(&mut stream, &bytes);
                shared.reset_on_close(number);
            }
            Answer::Silence => {
                shared.pause(Duration::MAX);
            }
            Answer::Stall(bytes) => {
                send(&mut stream, &bytes);
                shared.pause(Duration::MAX);
            }
            Answer::Drip { at_once, then, every } => {
                send(&mut stream, &at_once);
                for byte in then {
                    if !send(&mut stream, &[byte]) || !shared.pause(every) {
                        return;
                    }
                }
            }
            Answer::Endless(head, block) => {
                let mut going = send(&mut stream, &head);
                while going {
                    going = send(&mut stream, &block);
                }
            }
        }
        return;
    }
}

fn read_request(stream: &mut impl Read, connection: usize) -> Option<Seen> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 || head.len() > 64 << 10 {
            return None;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).ok()?;
    let mut lines = head.lines();
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let header = |line: &str| {
        line.split_once(':').map(|(n, v)| (n.to_ascii_lowercase(), v.trim().to_owned()))
    };
    Some(Seen { path, headers: lines.filter_map(header).collect(), connection })
}

/// What a well page answers.
fn show(model: &PageModel, seen: &Seen) -> Answer {
    let body = match seen.path.as_str() {
        "/api/v2/summary.json" => model.summary(),
        "/api/v2/incidents.json" => model.history(),
        _ => return Answer::status(404),
    };
    let body = body.to_string().into_bytes();
    let etag = etag(&body);
    if seen.header("if-none-match") == Some(&etag) {
        return Answer::new(304, &[("ETag", &etag)], b"");
    }
    Answer::new(200, &[("Content-Type", "application/json; charset=utf-8"), ("ETag", &etag)], &body)
}
