"""A status page on this machine, over https, with an authority of its own."""
import http.server
import json
import ssl
import subprocess
import threading
import time

COMPONENTS = {
    "rwppv331jlwc": "claude.ai",
    "k8w3r06qmzrp": "Claude API (api.anthropic.com)",
    "yyzkbfz2thpt": "Claude Code",
}
CODE = "yyzkbfz2thpt"
EVERY = tuple(COMPONENTS)
LEAF = "basicConstraints=CA:FALSE\nsubjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n"


def make_certificate(folder):
    """An authority, and a certificate that it signed for this machine; valid for two days."""
    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl("req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2",
            "-subj", "/CN=An authority of the desk")
    openssl("req", *curve, "-keyout", "page.key", "-out", "page.csr", "-subj", "/CN=127.0.0.1")
    (folder / "page.ext").write_text(LEAF)
    openssl("x509", "-req", "-in", "page.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-CAcreateserial", "-days", "2", "-extfile", "page.ext", "-out", "page.pem")


class Page:
    """What the page shows; served from a thread until `stop`."""

    def __init__(self, folder):
        make_certificate(folder)
        self.authority = folder / "ca.pem"
        self.requests = 0
        self.number = 0
        self.clear()
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(folder / "page.pem", folder / "page.key")
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.server.daemon_threads = True
        # The handshake is left to the connection's own thread.
        self.server.socket = tls.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"https://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        """Ends the service."""
        self.server.shutdown()
        self.server.server_close()

    # ---- What happens on it ------------------------------------------------------------------

    def clear(self):
        """All green, and nothing happened ever."""
        self.levels = dict.fromkeys(COMPONENTS, "operational")
        self.updates, self.affected, self.maintenance = [], (), False

    def happens(self, level, phase, text, components=(CODE,)):
        """An update of the incident, a new one if there is none; the components show the level."""
        if not self.updates:
            self.number += 1
            self.affected = components
        self.levels.update(dict.fromkeys(components, level))
        self.updates.insert(0, (phase, text, now()))

    def maintains(self, component=CODE):
        """Announced work begins."""
        self.happens("under_maintenance", "in_progress", "The announced work is in progress.", (component,))
        self.maintenance = True

    def recovers(self):
        """All is green again, and what it was is over."""
        self.happens("operational", "completed" if self.maintenance else "resolved", "This is over.", self.affected)

    def link(self):
        """Where the incident can be read about."""
        return f"{self.url}/incidents/desk{self.number:08}"

    # ---- How it says so ----------------------------------------------------------------------

    def document(self, path):
        """The JSON of a document."""
        page = {"id": "tymt9n04zgry", "name": "Claude", "url": "https://status.claude.com"}
        incident = [self.incident()] if self.updates else []
        if path.endswith("/incidents.json"):
            return {"page": page, "incidents": [] if self.maintenance else incident}
        going_on = [] if self.updates and self.updates[0][0] in ("resolved", "completed") else incident
        components = [{"id": known, "name": name, "status": self.levels[known]} for known, name in COMPONENTS.items()]
        return {"page": page, "components": components,
                "incidents": [] if self.maintenance else going_on,
                "scheduled_maintenances": going_on if self.maintenance else []}

    def incident(self):
        """The incident, or the work, as the page describes it."""
        phase, _, changed = self.updates[0]
        began = self.updates[-1][2]
        updates = [{"id": f"desk{self.number}-{at}-{name}", "status": name, "body": text, "created_at": at}
                   for name, text, at in self.updates]
        return {
            "id": f"desk{self.number:08}", "status": phase, "impact": "maintenance" if self.maintenance else "major",
            "name": "Upgrade of the database" if self.maintenance else "Elevated errors on Claude models",
            "created_at": began, "started_at": began, "updated_at": changed,
            "resolved_at": changed if phase == "resolved" else None,
            "shortlink": f"https://stspg.io/desk{self.number:08}",
            "components": [{"id": known, "name": COMPONENTS[known]} for known in self.affected],
            "incident_updates": updates,
        }

    def handler(self):
        """Answers requests out of this page."""
        page = self

        class Handler(http.server.BaseHTTPRequestHandler):
            """One connection."""

            def do_GET(self):
                """Answers with what the page shows now."""
                body = json.dumps(page.document(self.path)).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                if self.path.endswith("/summary.json"):
                    page.requests += 1

            def log_message(self, *_):
                """Nothing: the daemon's log tells enough."""

        return Handler


def now():
    """The time as the page writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + f".{time.time_ns() // 1_000_000 % 1000:03}Z"
