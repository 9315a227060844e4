//! The demo's own status page: as much of HTTP and of the page's JSON as it takes.

use std::io;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What the page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    Green,
    Outage,
    Worse,
    FixOut,
}

/// Serves until it is dropped.
pub(super) async fn serve(listener: TcpListener, act: watch::Receiver<Act>) {
    while let Ok((connection, _)) = listener.accept().await {
        let act = *act.borrow();
        // A client that goes away half-way is its own business.
        let _ = answer(connection, act).await;
    }
}

async fn answer(connection: TcpStream, act: Act) -> io::Result<()> {
    let mut connection = BufReader::new(connection);
    let mut request = String::new();
    connection.read_line(&mut request).await?;
    let mut header = String::new();
    while connection.read_line(&mut header).await? > 2 {
        header.clear();
    }
    let history = request.contains("incidents.json");
    let body = if history { json!({"page": page(), "incidents": []}) } else { summary(act) };
    let body = body.to_string();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        body.len()
    );
    connection.write_all(head.as_bytes()).await?;
    connection.write_all(body.as_bytes()).await?;
    connection.shutdown().await
}

fn page() -> Value {
    json!({"id": "tymt9n04zgry", "name": "Claude (demo)"})
}

fn summary(act: Act) -> Value {
    let status = match act {
        Act::Green => "operational",
        Act::Outage => "partial_outage",
        Act::Worse | Act::FixOut => "major_outage",
    };
    let component =
        |id: &str, name: &str, status: &str| json!({"id": id, "name": name, "status": status});
    json!({
        "page": page(),
        "components": [
            component("rwppv331jlwc", "claude.ai", "operational"),
            component("k8w3r06qmzrp", "Claude API (api.anthropic.com)", "operational"),
            component("yyzkbfz2thpt", "Claude Code", status),
        ],
        "incidents": incident(act).into_iter().collect::<Vec<_>>(),
        "scheduled_maintenances": [],
    })
}

fn incident(act: Act) -> Option<Value> {
    let (phase, text) = match act {
        Act::Green => return None,
        Act::Outage => ("investigating", "We are looking into elevated errors."),
        Act::Worse => ("identified", "The cause is known and being worked on."),
        Act::FixOut => ("monitoring", "A fix is out, and we are watching the results."),
    };
    let now = crate::platform::clock::now();
    Some(json!({
        "id": "demo0000demo", "name": "Elevated errors on Claude models", "status": phase,
        "impact": "major", "created_at": now, "updated_at": now,
        "components": [{"id": "yyzkbfz2thpt"}],
        "incident_updates": [{"id": phase, "status": phase, "body": text, "created_at": now}],
    }))
}
