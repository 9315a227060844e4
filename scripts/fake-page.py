#!/usr/bin/env python3
"""A status page on 127.0.0.1 for the scripts: fake-page.py MODE_FILE PORT_FILE [CERTIFICATE]

It shows what MODE_FILE says at the moment: green, outage, worse; or it is silent: it takes
connections and never answers. Its port is written to PORT_FILE. CERTIFICATE is a file with one and its key:
then it speaks https.
"""
import http.server, json, ssl, sys, time
mode_file, port_file, *certificate = sys.argv[1:]
LEVEL = {"green": "operational", "outage": "partial_outage", "worse": "major_outage"}
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        mode = open(mode_file).read().strip()
        if mode == "silent":
            time.sleep(600)
        page = {"id": "tymt9n04zgry", "name": "Claude"}
        rows = [("rwppv331jlwc", "claude.ai", "operational"),
                ("k8w3r06qmzrp", "Claude API (api.anthropic.com)", "operational"),
                ("yyzkbfz2thpt", "Claude Code", LEVEL.get(mode, "operational"))]
        body = {"page": page, "incidents": [], "scheduled_maintenances": []}
        if "incidents.json" not in self.path:
            body["components"] = [dict(zip(("id", "name", "status"), row)) for row in rows]
        body = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
for file in certificate:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server.socket = context.wrap_socket(server.socket, server_side=True)
server.daemon_threads = True
with open(port_file, "w") as port:
    port.write(str(server.server_address[1]))
server.serve_forever()
