"""The app's health check: exit code 0 when the app and its stores answer."""

import urllib.request

urllib.request.urlopen("http://127.0.0.1:8000/health", timeout=4).read()
