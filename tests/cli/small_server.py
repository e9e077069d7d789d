"""A small real process for the supervisor's tests: answers /health, and does what its options say."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = {"pid": os.getpid(), "grandchild": grandchild, "environment": dict(os.environ)}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_: object) -> None:
        pass


parser = argparse.ArgumentParser()
parser.add_argument("port", type=int)
parser.add_argument("--deaf", action="store_true", help="ignore SIGTERM")
parser.add_argument("--broken", action="store_true", help="say why and end at once")
options = parser.parse_args()

grandchild = None
if options.broken:
    sys.exit("cannot find the model")
if options.deaf:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    grandchild = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"]).pid
else:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print("listening on", options.port, flush=True)
HTTPServer(("127.0.0.1", options.port), Handler).serve_forever()
