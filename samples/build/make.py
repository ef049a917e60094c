"""Makes HTML of pages/*.txt; a page whose text has not changed comes from the cache."""

import hashlib
import hmac
import pathlib
import sys

title = sys.argv[1]
key = pathlib.Path("/run/secrets/signature").read_bytes()
cache = pathlib.Path("cache")
site = pathlib.Path("site")
site.mkdir()
for page in sorted(pathlib.Path("pages").glob("*.txt")):
    text = page.read_text()
    kept = cache / hashlib.sha256(f"{title}\n{text}".encode()).hexdigest()
    if kept.exists():
        print(page.name, "from the cache")
    else:
        print(page.name, "made")
        kept.write_text(f"<h1>{title}</h1>\n<p>{text.strip()}</p>\n")
    body = kept.read_text()
    signature = hmac.new(key, body.encode(), "sha256").hexdigest()
    (site / page.with_suffix(".html").name).write_text(f"{body}<!-- {signature} -->\n")
